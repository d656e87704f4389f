<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;

/**
 * A course as an event of a calendar (iCalendar, RFC 5545): one's own to keep, not a message of an organiser's, for which
 * RFC 5546 wants a METHOD and whose address it is.
 */
final class Calendar
{
    /** Octets of a line, at most. */
    private const WIDTH = 75;

    /** @throws \InvalidArgumentException where nobody has said when the course begins */
    public static function of(Course $course): string
    {
        if ($course->startsAt === null) {
            throw new \InvalidArgumentException('the course has no date');
        }
        $address = Text::home($course->path());
        $lines = [
            'BEGIN:VCALENDAR',
            'VERSION:2.0',
            'PRODID:-//Floodgate//Registration//EN',
            'BEGIN:VEVENT',
            "UID:course-{$course->id}@" . parse_url($address, PHP_URL_HOST),
            'DTSTAMP:' . self::moment($course->now),
            'DTSTART:' . self::moment($course->startsAt),
            ...($course->endsAt === null ? [] : ['DTEND:' . self::moment($course->endsAt)]),
            'SUMMARY:' . self::text($course->title),
            ...($course->place === '' ? [] : ['LOCATION:' . self::text($course->place)]),
            "URL:$address",
            'END:VEVENT',
            'END:VCALENDAR',
        ];
        return implode('', array_map(self::folded(...), $lines));
    }

    private static function moment(int $milliseconds): string
    {
        return gmdate('Ymd\THis\Z', intdiv($milliseconds, 1000));
    }

    private static function text(string $text): string
    {
        return strtr($text, ['\\' => '\\\\', ';' => '\;', ',' => '\,', "\r\n" => '\n', "\n" => '\n']);
    }

    /** A line in pieces that are short enough, and cut between characters. */
    private static function folded(string $line): string
    {
        $folded = '';
        for ($width = self::WIDTH; $line !== ''; $width = self::WIDTH - 1) {
            $piece = mb_strcut($line, 0, $width);
            $folded .= ($folded === '' ? '' : "\r\n ") . $piece;
            $line = substr($line, strlen($piece));
        }
        return "$folded\r\n";
    }
}
