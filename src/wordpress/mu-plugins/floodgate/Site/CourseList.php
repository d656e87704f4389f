<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\CourseFacts;
use Floodgate\Http\Page;
use Floodgate\Http\Text;
use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\State;

/** The shortcode [floodgate_courses]: what the site offers, each with its state and a link to its page. */
final class CourseList
{
    /** Option: how many days a course stays in the list when it is over. */
    public const DAYS = 'floodgate_over_days';
    public const DAYS_DEFAULT = 7;
    /** What WordPress makes other signs and pictures of: 2x2, a - b, a -- b, wait..., (tm), :-), 8O. An entity stands for itself. */
    private const RETOUCHED = '/&#?\w+;|[-;()?!|]|:(?!\d)|\.(?=\.)|(?<=\d)x(?=\d)|8(?=O)/';

    public static function register(): void
    {
        add_shortcode('floodgate_courses', static fn (): string => self::show(self::listed()));
    }

    /** @return list<Course> what people who look for something are shown */
    public static function listed(): array
    {
        return (new Courses(Database::ofWordPress()))->listed((int) get_option(self::DAYS, self::DAYS_DEFAULT));
    }

    /** @param list<Course> $courses */
    public static function show(array $courses): string
    {
        if ($courses === []) {
            // The smoke test of a deployment reads the attribute: a list that is empty is no list that is missing.
            return '<p data-floodgate-courses="none"' . Text::ownLanguage() . '>' . Text::html(Text::t('There is nothing to register for at the moment.')) . '</p>';
        }
        // What can be had, or will be, comes first.
        usort($courses, static fn (Course $a, Course $b): int => self::isOver($a) <=> self::isOver($b));
        wp_enqueue_style('floodgate-courses', Page::asset('courses.css'), [], null);
        wp_enqueue_script('floodgate-course', Page::asset('course.js'), [], null, ['strategy' => 'defer']);
        // A list without bullets is no list to some screen readers unless it says so.
        return self::asTyped('<ul class="floodgate-courses" role="list"' . Text::ofYourTimes() . '>'
            . implode('', array_map(self::item(...), $courses)) . '</ul>');
    }

    /** A theme of blocks has its whole page retouched, what a shortcode gave too: a course is called here what its own page calls it. */
    private static function asTyped(string $html): string
    {
        return (string) preg_replace_callback('/(?<=>)[^<>]+/', static fn (array $text): string => (string) preg_replace_callback(
            self::RETOUCHED,
            static fn (array $sign): string => strlen($sign[0]) > 1 ? $sign[0] : sprintf('&#%d;', ord($sign[0])),
            $text[0]
        ), $html);
    }

    private static function isOver(Course $course): bool
    {
        return in_array($course->state(), [State::SoldOut, State::Ended], true);
    }

    private static function item(Course $course): string
    {
        $state = $course->state();
        $news = match ($state) {
            State::Closed => Text::t('Not open yet'),
            State::Open => Text::t('Open now'),
            State::SoldOut => Text::t('Sold out'),
            State::Ended => Text::t('Ended'),
        };
        $line = match ($state) {
            /* translators: %s: date and time */
            State::Closed => sprintf(Text::html(Text::t('Registration opens %s')), Text::time($course->opensAt, $course->timeZone)),
            /* translators: 1: seats left, 2: all seats */
            State::Open => Text::html(sprintf(Text::t('%1$s of %2$s seats left'), Text::number($course->left()), Text::number($course->seats))),
            State::SoldOut => Text::html(Text::t('All seats are taken')),
            State::Ended => Text::html(Text::t('Registration has ended')),
        };
        $facts = '';
        foreach (CourseFacts::inHtml($course) as $name => $fact) {
            $facts .= sprintf('<div><dt%s>%s</dt><dd>%s</dd></div>', Text::ownLanguage(), Text::html($name), $fact);
        }
        return sprintf(
            '<li class="is-%s">%s<span class="floodgate-news"%s>%s</span><a href="%s">%s</a>%s%s<p class="floodgate-line"%s>%s</p></li>',
            Text::attr($state->value),
            $course->picture === null ? '' : Page::picture($course->picture, '(min-width: 48rem) 24rem, 92vw', isLazy: true),
            Text::ownLanguage(),
            Text::html($news),
            Text::url(Text::home($course->path())),
            Text::html($course->title),
            $course->summary === '' ? '' : '<p>' . Text::html($course->summary) . '</p>',
            $facts === '' ? '' : "<dl>$facts</dl>",
            Text::ownLanguage(),
            $line
        );
    }
}
