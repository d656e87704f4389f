<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\Mistake;

/** The page of a course for everybody: the same bytes whoever asks. */
final class CoursePage
{
    public static function show(Course $course, FormToken $tokens): void
    {
        Page::send(200, $course->state(), $course, ['form' => self::form($course, $tokens, [], [])]);
    }

    /** What the token of a second form is for; no course has such an address. */
    public static function second(Course $course): string
    {
        return "{$course->slug} again";
    }

    /**
     * What the form's template shows.
     *
     * @param array<string, string> $values what was typed, by field
     * @param array<string, Mistake> $mistakes by field; the field 'form' is the form itself
     * @param bool $isSecond the form comes back without the field that people do not see
     * @return array{token: string, second: ?string, values: array<string, string>, mistakes: list<string>, wrong: list<string>}
     *     the mistakes as sentences, and the field that each is in
     */
    public static function form(Course $course, FormToken $tokens, array $values, array $mistakes, bool $isSecond = false): array
    {
        return [
            'token' => $tokens->issue($course->slug, time()),
            'second' => $isSecond ? $tokens->issue(self::second($course), time()) : null,
            'values' => $values,
            'mistakes' => array_values(ClaimMistakes::inWords($course, $mistakes)),
            'wrong' => array_keys($mistakes),
        ];
    }
}
