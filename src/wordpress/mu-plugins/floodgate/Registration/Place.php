<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** One person's place on a course's waiting list. Times are milliseconds since 1970. */
final class Place
{
    private function __construct(
        public readonly int $id,
        public readonly int $queuedAt,
        public readonly PlaceState $state,
        /** while an offer holds: its end */
        public readonly ?int $offeredUntil,
        /** while waiting: 1 is the next */
        public readonly ?int $position,
    ) {
    }

    /** @param array<string, int|float|string|null> $row of floodgate_queue, with `position` or without */
    public static function fromRow(array $row): self
    {
        $state = PlaceState::from((string) $row['state']);
        return new self(
            (int) $row['id'],
            (int) $row['claimed_at'],
            $state,
            $row['offered_until'] === null ? null : (int) $row['offered_until'],
            $state === PlaceState::Waiting && isset($row['position']) ? (int) $row['position'] : null,
        );
    }
}
