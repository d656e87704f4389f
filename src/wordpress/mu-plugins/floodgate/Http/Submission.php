<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claimant;
use Floodgate\Registration\Course;
use Floodgate\Registration\Mistake;

/** A form as it came in, read by the course's rules. Fields are named by their inputs' ids: name, email, answer-key. */
final class Submission
{
    /** No word by which a browser or a password manager knows what to fill in. */
    public const TRAP = 'nothing';

    /**
     * @param array<string, string> $values what was typed, by field, to be shown again
     * @param array<string, Mistake> $mistakes by field
     * @param array<string, string> $answers to the organiser's fields, by key, tidied; right when there are no mistakes
     */
    private function __construct(
        public readonly ?Claimant $claimant,
        public readonly array $answers,
        public readonly array $values,
        public readonly array $mistakes,
        public readonly string $token,
        /** What is in the field that people do not see. */
        public readonly string $trap,
        /** The token of a form that was shown again without that field. */
        public readonly string $second,
        /** Asks for the seat that one has, and for no new one: the organiser's questions are not asked. */
        public readonly bool $finds,
        /** Asks for a place on the waiting list, where there is no seat. */
        public readonly bool $queues,
        /** What the browser has made up for itself; empty: nothing. */
        public readonly string $browser,
    ) {
    }

    /** @param array<mixed> $form */
    public static function of(Course $course, array $form): self
    {
        $name = self::text($form, 'name');
        $email = self::text($form, 'email');
        $claimant = Claimant::from($name, $email);
        $values = ['name' => $name, 'email' => $email];
        $mistakes = $claimant instanceof Claimant ? [] : $claimant;
        $answers = [];
        $finds = self::text($form, 'find') !== '';
        $given = is_array($form['answer'] ?? null) ? $form['answer'] : [];
        foreach ($course->fields as $field) {
            $input = "answer-{$field->key}";
            $values[$input] = self::text($given, $field->key);
            $mistake = $finds ? null : $field->validate($values[$input]);
            if ($mistake !== null) {
                $mistakes[$input] = $mistake;
            }
            $answers[$field->key] = (string) $field->tidy($values[$input]);
        }
        return new self(
            $claimant instanceof Claimant ? $claimant : null,
            $answers,
            $values,
            $mistakes,
            token: self::text($form, 'token'),
            trap: self::text($form, self::TRAP),
            second: self::text($form, 'second'),
            finds: $finds,
            queues: self::text($form, 'queue') !== '',
            browser: preg_match('/^[0-9a-f]{32}$/D', self::text($form, 'browser')) === 1 ? self::text($form, 'browser') : '',
        );
    }

    /** @param array<mixed> $form */
    private static function text(array $form, string $name): string
    {
        return is_string($form[$name] ?? null) ? $form[$name] : '';
    }
}
