<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claimant;
use Floodgate\Registration\Claims;
use Floodgate\Registration\Course;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\Outcome;

/** A submitted form becomes a claim, and the claim's outcome a page for this one person. */
final class ClaimHandler
{
    public function __construct(private readonly Claims $claims, private readonly FormToken $tokens)
    {
    }

    /** @param array<mixed> $form as submitted; nothing in it is trusted */
    public function answer(Course $course, array $form): void
    {
        $field = static fn (string $name): string => is_string($form[$name] ?? null) ? $form[$name] : '';
        $claimant = Claimant::from($field('name'), $field('email'));
        $mistakes = $claimant instanceof Claimant ? [] : $claimant;
        // People neither see nor fill this field; programs that fill every field do.
        if ($field('website') !== '' || !$this->tokens->isValid($field('token'), $course->slug, time())) {
            $mistakes['form'] = 'expired';
        }
        if ($mistakes !== [] || !$claimant instanceof Claimant) {
            CoursePage::showMistakes($course, $this->tokens, $mistakes, ['name' => $field('name'), 'email' => $field('email')]);
            return;
        }
        [$outcome, $code] = $this->claims->claim($course, $claimant);
        match ($outcome) {
            Outcome::Confirmed => CoursePage::showConfirmation($course, $claimant, (string) $code),
            default => CoursePage::showRefusal($course, $outcome),
        };
    }
}
