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
    public static function register(): void
    {
        add_shortcode('floodgate_courses', self::render(...));
    }

    private static function render(): string
    {
        $courses = (new Courses(Database::ofWordPress()))->offered();
        if ($courses === []) {
            return '<p>' . Text::html(Text::t('There is nothing to register for at the moment.')) . '</p>';
        }
        // What can be had, or will be, comes first.
        usort($courses, static fn (Course $a, Course $b): int => self::isOver($a) <=> self::isOver($b));
        wp_enqueue_style('floodgate-courses', Page::asset('courses.css'), [], null);
        // A list without bullets is no list to some screen readers unless it says so.
        return '<ul class="floodgate-courses" role="list">' . implode('', array_map(self::item(...), $courses)) . '</ul>';
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
            State::Closed => sprintf(Text::t('Registration opens %s'), Text::date($course->opensAt, $course->timeZone)),
            /* translators: 1: seats left, 2: all seats */
            State::Open => sprintf(Text::t('%1$s of %2$s seats left'), Text::number($course->left()), Text::number($course->seats)),
            State::SoldOut => Text::t('All seats are taken'),
            State::Ended => Text::t('Registration has ended'),
        };
        return sprintf(
            '<li class="is-%s"><span class="floodgate-news">%s</span><a href="%s">%s</a><span class="floodgate-line">%s</span></li>',
            Text::attr($state->value),
            Text::html($news),
            Text::url(Text::home($course->path())),
            Text::html($course->title),
            Text::html(implode(' · ', array_filter([CourseFacts::when($course), $course->place, $line])))
        );
    }
}
