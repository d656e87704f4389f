<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\Text;
use Floodgate\Registration\Course;

/** The courses in the site's search: above what WordPress finds, as cards. */
final class CourseSearch
{
    private const IN_TWO_LETTERS = ['ä' => 'ae', 'ö' => 'oe', 'ü' => 'ue', 'Ä' => 'ae', 'Ö' => 'oe', 'Ü' => 'ue', 'å' => 'aa', 'Å' => 'aa', 'ø' => 'oe', 'Ø' => 'oe'];
    /** Of letters that are the same word without them; in other scripts a mark is a letter of its own. */
    private const ACCENTS = '/(?<=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Hebrew}\p{Arabic}])\p{Mn}+/u';

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

    /** Every word that was sought is somewhere in what the course says of itself, however either is written. */
    public static function matches(Course $course, string $sought): bool
    {
        $words = self::words($sought);
        $text = html_entity_decode(wp_strip_all_tags("$course->title $course->summary $course->place $course->text"));
        // Whose keyboard has no ü types ue, or u.
        $said = implode(' ', [...self::words($text), ...self::words(strtr($text, self::IN_TWO_LETTERS))]);
        return $words !== [] && array_filter($words, static fn (string $word): bool => !str_contains($said, $word)) === [];
    }

    /** @return list<string> without accents, apostrophes, capitals and whatever else stands between words, in letters of one width */
    private static function words(string $text): array
    {
        $letters = (string) preg_replace(self::ACCENTS, '', (string) \Normalizer::normalize($text, \Normalizer::FORM_KD));
        $bare = (string) preg_replace('/[\'’‘ʼʻ`´]|\p{DI}/u', '', remove_accents(mb_convert_case($letters, MB_CASE_FOLD)));
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
