<?php

declare(strict_types=1);

namespace Floodgate\Site;

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
            return '<p>' . esc_html__('There is nothing to register for at the moment.', 'floodgate') . '</p>';
        }
        wp_enqueue_style('floodgate-courses', Page::asset('courses.css'), [], null);
        return '<ul class="floodgate-courses">' . implode('', array_map(self::item(...), $courses)) . '</ul>';
    }

    private static function item(Course $course): string
    {
        $state = $course->state();
        $line = match ($state) {
            /* translators: %s: date and time */
            State::Closed => sprintf(__('Registration opens %s', 'floodgate'), Text::date($course->opensAt, $course->timeZone)),
            State::Open => __('Registration is open', 'floodgate'),
            State::SoldOut => __('Sold out', 'floodgate'),
            State::Ended => __('Registration has ended', 'floodgate'),
        };
        return sprintf(
            '<li class="floodgate-course is-%s"><a href="%s">%s</a><span>%s</span></li>',
            esc_attr($state->value),
            esc_url(home_url($course->path())),
            esc_html($course->title),
            esc_html($line)
        );
    }
}
