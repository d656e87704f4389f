<?php

declare(strict_types=1);

namespace Floodgate\Install;

use Floodgate\Admin\CourseForm;
use Floodgate\Admin\Overruled;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

/** The first course, and a front page that leads to it. */
final class Pages
{
    private const FRONT_PAGE = 'floodgate_front_page';
    private const COURSE_APPLIED = 'floodgate_course';
    private const OFFSET_APPLIED = 'floodgate_course_offset';

    public static function bringUpToDate(Settings $settings): void
    {
        self::course($settings);
        self::offset($settings);
        self::frontPage();
    }

    /** What is new in the settings since the last run; what an organiser changed meanwhile stays, each value by itself. */
    private static function course(Settings $settings): void
    {
        $wanted = [
            'title' => $settings->courseTitle,
            'seats' => $settings->courseSeats,
            'opens_at' => $settings->courseOpensAt,
        ];
        $applied = get_option(self::COURSE_APPLIED, []);
        if ($applied === $wanted) {
            return;
        }
        $courses = new Courses(Database::ofWordPress());
        $before = $courses->ofSettings();
        $overruled = $before === null || !is_array($applied) ? [] : Overruled::note($before, $applied, $wanted);
        foreach ($overruled as $column => $had) {
            \floodgate_say("{$before->path()} had $column \"$had\" from an organiser; the settings make it \"{$wanted[$column]}\"");
        }
        $course = $courses->saveFromSettings(
            CourseForm::slugOf($settings->courseTitle) ?: 'course',
            $wanted,
            is_array($applied) ? $applied : []
        );
        if ($course->seats !== $settings->courseSeats && ($applied['seats'] ?? null) !== $settings->courseSeats) {
            \floodgate_say("{$course->path()} keeps {$course->seats} seats: so many are taken, COURSE_SEATS is {$settings->courseSeats}");
        }
        if ($course->closesAt !== null && $course->closesAt <= $course->opensAt) {
            \floodgate_say("{$course->path()} never opens: its closing in the dashboard is not after COURSE_OPENS_AT; change one of them");
        }
        update_option(self::COURSE_APPLIED, $wanted, false);
    }

    /**
     * An opening that is written as 18:00+01:00 is shown as 6 pm: by the site's time zone where that has this offset then, or else by
     * the offset itself. When it is new in the settings, or the site's zone is another; what an organiser chose stays.
     */
    private static function offset(Settings $settings): void
    {
        $courses = new Courses(Database::ofWordPress());
        $course = $courses->ofSettings();
        $applied = "course {$course?->id}: {$settings->courseOpensAt}, {$settings->courseOffset}, in " . wp_timezone_string();
        if ($course === null || get_option(self::OFFSET_APPLIED) === $applied) {
            return;
        }
        $isTheirs = $course->timeZone !== null && preg_match('/^[+-]\d\d:\d\d$/', $course->timeZone) !== 1;
        if (!$isTheirs) {
            $shown = (new \DateTimeImmutable('@' . intdiv($settings->courseOpensAt, 1000)))->setTimezone(wp_timezone())->format('P');
            $courses->setTimeZone($course, $shown === $settings->courseOffset ? null : $settings->courseOffset);
        }
        update_option(self::OFFSET_APPLIED, $applied, false);
    }

    /** Made once; from then on it belongs to the editors, who may also delete it. */
    private static function frontPage(): void
    {
        if (get_option(self::FRONT_PAGE) !== false) {
            return;
        }
        $id = wp_insert_post([
            'post_type' => 'page',
            'post_status' => 'publish',
            'post_title' => __('Courses', 'floodgate'),
            'post_content' => "<!-- wp:shortcode -->\n[floodgate_courses]\n<!-- /wp:shortcode -->",
        ], true);
        if (is_wp_error($id)) {
            throw new \RuntimeException("cannot make the front page: {$id->get_error_message()}");
        }
        update_option('show_on_front', 'page');
        update_option('page_on_front', $id);
        update_option(self::FRONT_PAGE, $id, false);
        \floodgate_say('made the front page');
    }
}
