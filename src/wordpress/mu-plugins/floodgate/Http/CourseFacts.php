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
        return array_filter([
            Text::t('When') => self::when($course),
            Text::t('Where') => $course->place,
        ], static fn (string $text): bool => $text !== '');
    }

    public static function when(Course $course): string
    {
        if ($course->startsAt === null) {
            return '';
        }
        $starts = Text::date($course->startsAt, $course->timeZone);
        /* translators: 1: date and time of the beginning, 2: of the end */
        return $course->endsAt === null ? $starts : sprintf(Text::t('%1$s to %2$s'), $starts, Text::date($course->endsAt, $course->timeZone));
    }
}
