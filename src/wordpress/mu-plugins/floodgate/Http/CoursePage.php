<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claimant;
use Floodgate\Registration\Code;
use Floodgate\Registration\Course;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\Outcome;

/** The pages of a course. What everybody gets depends on the course alone; answers to a claim are never kept. */
final class CoursePage
{
    /** The page for everybody: the same bytes whoever asks. */
    public static function show(Course $course, FormToken $tokens): void
    {
        Page::send(200, $course->state()->value, $course, [
            'form' => ['token' => $tokens->issue($course->slug, time()), 'values' => [], 'mistakes' => []],
        ]);
    }

    /**
     * @param array<string, string> $mistakes kind of mistake by field; the field 'form' is the form itself
     * @param array<string, string> $values what was typed
     */
    public static function showMistakes(Course $course, FormToken $tokens, array $mistakes, array $values): void
    {
        self::forOnePerson();
        $outcome = Outcome::Invalid;
        Page::send($outcome->status(), $outcome->value, $course, [
            'form' => [
                'token' => $tokens->issue($course->slug, time()),
                'values' => $values,
                'mistakes' => array_map(self::sentence(...), array_keys($mistakes), $mistakes),
                'wrong' => array_keys($mistakes),
            ],
        ]);
    }

    public static function showConfirmation(Course $course, Claimant $claimant, string $code): void
    {
        self::forOnePerson();
        $outcome = Outcome::Confirmed;
        Page::send($outcome->status(), $outcome->value, $course, ['claimant' => $claimant, 'code' => Code::grouped($code)]);
    }

    public static function showRefusal(Course $course, Outcome $outcome): void
    {
        self::forOnePerson();
        Page::send($outcome->status(), $outcome->value, $course, []);
    }

    private static function forOnePerson(): void
    {
        header('Cache-Control: no-store');
    }

    private static function sentence(string $field, string $mistake): string
    {
        return match ("$field $mistake") {
            'name missing' => __('Please enter your name.', 'floodgate'),
            'name too-long' => __('Please shorten your name to 200 characters.', 'floodgate'),
            'name malformed' => __('Your name contains characters that we cannot read. Please type it again.', 'floodgate'),
            'email missing' => __('Please enter your e-mail address.', 'floodgate'),
            'email too-long', 'email malformed' =>
                __('This does not look like an e-mail address. Please check it.', 'floodgate'),
            default => __('This form is no longer valid. We have renewed it: please send it again.', 'floodgate'),
        };
    }
}
