<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** The answer to a claim. */
final class Claim
{
    /**
     * @param string|null $code the person's, when confirmed
     * @param bool $again the seat was theirs before this claim
     */
    private function __construct(
        public readonly Outcome $outcome,
        public readonly ?string $code = null,
        public readonly bool $again = false,
    ) {
    }

    public static function confirmed(string $code, bool $again): self
    {
        return new self(Outcome::Confirmed, $code, $again);
    }

    /** No seat, and the state of the course is why. */
    public static function refused(State $state): self
    {
        return new self(match ($state) {
            State::Closed => Outcome::Closed,
            State::Ended => Outcome::Ended,
            State::Open, State::SoldOut => Outcome::SoldOut,
        });
    }
}
