<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;

/** When and where a course is, in words. */
final class CourseFacts
{
    /** @return array<string, string> text by what it is called; what nobody has said is left out */
    public static function of(Course $course): array
    {
        return self::said(self::when($course, static fn (int $moment, string $words): string => $words), $course->place);
    }

    /** @return array<string, string> the same as HTML, with its moments for scripts */
    public static function inHtml(Course $course): array
    {
        return self::said(
            self::when($course, static fn (int $moment, string $words): string => Text::marked($moment, $course->timeZone, $words)),
            Text::html($course->place)
        );
    }

    /** @return array<string, string> */
    private static function said(string $when, string $where): array
    {
        return array_filter([Text::t('When') => $when, Text::t('Where') => $where], static fn (string $text): bool => $text !== '');
    }

    /** @param callable(int, string): string $mark what becomes of a moment's words */
    private static function when(Course $course, callable $mark): string
    {
        return match (true) {
            $course->startsAt === null => '',
            $course->endsAt === null => $mark($course->startsAt, Text::date($course->startsAt, $course->timeZone)),
            default => Text::span($course->startsAt, $course->endsAt, $course->timeZone, $mark),
        };
    }
}
