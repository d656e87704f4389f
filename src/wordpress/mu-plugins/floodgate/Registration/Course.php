<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A course as the database had it at $now. Times are milliseconds since 1970 by the database's clock. */
final class Course
{
    public function __construct(
        public readonly int $id,
        public readonly string $slug,
        public readonly string $title,
        public readonly int $seats,
        public readonly int $taken,
        public readonly int $opensAt,
        public readonly int $now,
    ) {
    }

    public function state(): State
    {
        return match (true) {
            $this->now < $this->opensAt => State::Closed,
            $this->taken >= $this->seats => State::SoldOut,
            default => State::Open,
        };
    }

    /** Address of the page, below the site's. */
    public function path(): string
    {
        return "/register/{$this->slug}/";
    }

    /** Address of the form's action, below the site's. */
    public function claimPath(): string
    {
        return "/floodgate/claim/{$this->slug}/";
    }
}
