<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** The answer to a claim. */
final class Claim
{
    /**
     * @param string|null $code the person's, when confirmed
     * @param bool $again the seat was theirs before this claim
     * @param bool $isOwn it is asked for by the browser that took it
     * @param array<string, string|null>|null $row the course as it is after the claim, as Courses::COLUMNS; null: it is gone
     */
    private function __construct(
        public readonly Outcome $outcome,
        public readonly ?array $row,
        public readonly ?string $code = null,
        public readonly bool $again = false,
        public readonly bool $isOwn = false,
    ) {
    }

    /** @param array<string, string|null> $row */
    public static function confirmed(array $row, string $code, bool $again, bool $isOwn): self
    {
        return new self(Outcome::Confirmed, $row, $code, $again, $isOwn);
    }

    /**
     * No seat, and the state of the course is why.
     *
     * @param array<string, string|null>|null $row
     */
    public static function refused(?array $row, State $state): self
    {
        return new self(Outcome::refusal($state), $row);
    }
}
