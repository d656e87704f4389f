<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Site\CourseList;

/** What an administrator decides under Settings → Reading: how long a course stays in the list when it is over. */
final class ReadingSettings
{
    private const DAYS_MAX = 3650;

    public static function register(): void
    {
        add_action('admin_init', static function (): void {
            register_setting('reading', CourseList::DAYS, [
                'type' => 'integer',
                'default' => CourseList::DAYS_DEFAULT,
                'sanitize_callback' => self::days(...),
            ]);
            add_settings_field(CourseList::DAYS, esc_html__('Courses that are over', 'floodgate'), self::show(...), 'reading', 'default', [
                'label_for' => CourseList::DAYS,
            ]);
        });
    }

    /** What makes no sense changes nothing, and is said. */
    private static function days(mixed $typed): int
    {
        $days = filter_var(is_string($typed) ? trim($typed) : $typed, FILTER_VALIDATE_INT, ['options' => ['min_range' => 0, 'max_range' => self::DAYS_MAX]]);
        if ($days === false) {
            /* translators: %d: number of days */
            add_settings_error(CourseList::DAYS, CourseList::DAYS, sprintf(__('Please enter for how many days courses stay when they are over: 0 to %d.', 'floodgate'), self::DAYS_MAX));
            return (int) get_option(CourseList::DAYS, CourseList::DAYS_DEFAULT);
        }
        return $days;
    }

    private static function show(): void
    {
        printf(
            '<input type="number" id="%1$s" name="%1$s" min="0" max="%2$d" class="small-text" value="%3$d" aria-describedby="%1$s-hint"> %4$s<p class="description" id="%1$s-hint">%5$s</p>',
            esc_attr(CourseList::DAYS),
            self::DAYS_MAX,
            (int) get_option(CourseList::DAYS, CourseList::DAYS_DEFAULT),
            esc_html__('days', 'floodgate'),
            esc_html__('How long a course stays in the list of courses after its end. Its page and its registrations stay until somebody deletes it.', 'floodgate')
        );
    }
}
