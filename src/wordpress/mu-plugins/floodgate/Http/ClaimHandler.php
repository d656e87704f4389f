<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claimant;
use Floodgate\Registration\Claims;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\Mistake;
use Floodgate\Registration\Outcome;

/** A submitted form becomes a claim, and the claim's outcome an answer for this one person. */
final class ClaimHandler
{
    public function __construct(private readonly Claims $claims, private readonly FormToken $tokens)
    {
    }

    /**
     * @param array<mixed> $form as submitted; nothing in it is trusted
     * @throws \Floodgate\Registration\DatabaseError when it is not known what became of the claim
     */
    public function handle(Course $course, array $form): ClaimAnswer
    {
        $typed = Submission::of($course, $form);
        // People neither see nor fill the trap; programs that fill every field do.
        $honest = $typed->trap === '' && $this->tokens->isValid($typed->token, $course->slug, time());
        $mistakes = $typed->mistakes + ($honest ? [] : ['form' => Mistake::Expired]);
        if ($mistakes !== [] || !$typed->claimant instanceof Claimant) {
            return new ClaimAnswer($course, Outcome::Invalid, [
                'form' => CoursePage::form($course, $this->tokens, $typed->values, $mistakes),
            ]);
        }
        $claim = $this->claims->claim($course, $typed->claimant, $typed->answers);
        $now = $claim->row === null ? $course : Course::fromRow($claim->row);
        return new ClaimAnswer($now, $claim->outcome, $claim->code === null ? [] : [
            'claimant' => $typed->claimant,
            'code' => ConfirmationCode::grouped($claim->code),
            'again' => $claim->again,
        ], $claim->row);
    }
}
