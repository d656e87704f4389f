<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;

/** Addresses of the screens. */
final class Address
{
    public const LIST = 'floodgate';
    public const FORM = 'floodgate-course';
    /** Of a table; whoever asks for a later one has typed it, and is led to the last. */
    public const PAGES_MAX = 1_000_000;

    public static function courses(?Notice $notice = null): string
    {
        return self::to(['page' => self::LIST] + self::notice($notice));
    }

    /** @param int|null $course null: a new one */
    public static function form(?int $course = null, ?Notice $notice = null): string
    {
        return self::to(array_filter(['page' => self::FORM, 'course' => $course]) + self::notice($notice));
    }

    /** @param array<string, string|int> $more */
    public static function of(View $view, Course $course, array $more = [], ?Notice $notice = null): string
    {
        return self::to(['page' => self::LIST, 'view' => $view->value, 'course' => $course->id, ...$more] + self::notice($notice));
    }

    /** @return array<string, string> */
    private static function notice(?Notice $notice): array
    {
        return $notice === null ? [] : ['notice' => $notice->value];
    }

    /** @param array<string, string|int> $query */
    private static function to(array $query): string
    {
        return add_query_arg(array_map(rawurlencode(...), array_map(strval(...), $query)), admin_url('admin.php'));
    }
}
