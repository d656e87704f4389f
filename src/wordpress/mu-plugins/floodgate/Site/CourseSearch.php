<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\Text;
use Floodgate\Registration\Course;

/** The courses in the site's search: above what WordPress finds, as cards. */
final class CourseSearch
{
    private static bool $isShown = false;

    public static function register(): void
    {
        // A theme of blocks has its results in a query block that takes the page's own query; any other theme runs the loop.
        add_filter('render_block_core/query', static fn (string $html, array $block): string
            => ($block['attrs']['query']['inherit'] ?? false) === true ? self::above($html) : $html, 10, 2);
        add_action('loop_start', static function (\WP_Query $query): void {
            if ($query->is_main_query() && !wp_is_block_theme()) {
                echo self::above('');
            }
        });
    }

    /** Every word that was sought is somewhere in what the course says of itself, whatever stands between words in either. */
    public static function matches(Course $course, string $sought): bool
    {
        $words = self::words($sought);
        $said = implode(' ', self::words(html_entity_decode(wp_strip_all_tags("$course->title $course->summary $course->place $course->text"))));
        return $words !== [] && array_filter($words, static fn (string $word): bool => !str_contains($said, $word)) === [];
    }

    /** @return list<string> without accents, apostrophes and capitals, in letters and digits of one width */
    private static function words(string $text): array
    {
        $plain = remove_accents((string) \Normalizer::normalize($text, \Normalizer::FORM_KC));
        $bare = (string) preg_replace('/[\'’‘ʼʻ`´]|\p{DI}/u', '', mb_strtolower($plain));
        return preg_split('/[^\p{L}\p{M}\p{N}]+/u', $bare, -1, PREG_SPLIT_NO_EMPTY) ?: [];
    }

    /** What was found otherwise, or only the courses where that is nothing. */
    private static function above(string $html): string
    {
        if (!is_search() || is_paged() || self::$isShown) {
            return $html;
        }
        $sought = get_search_query(false);
        $found = array_values(array_filter(CourseList::listed(), static fn (Course $course): bool => self::matches($course, $sought)));
        if ($found === []) {
            return $html;
        }
        self::$isShown = true;
        $isAlone = (int) $GLOBALS['wp_query']->found_posts === 0;
        return '<h2>' . Text::html(Text::t('Courses')) . '</h2>' . CourseList::show($found) . ($isAlone ? '' : $html);
    }
}
