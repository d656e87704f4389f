<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Who has come to a course. */
final class Arrivals
{
    /** People on one list at a door; of a larger course one finds them by name or code. */
    public const LISTED = 2_000;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
    }

    /**
     * Somebody has come, or has not after all. To say it twice does no harm, and the first moment stays.
     *
     * @param int|null $at when it was seen, in milliseconds since 1970: a door without a network tells later; null: now
     * @return bool false when there is no such registration (any more)
     */
    public function mark(int $claimId, bool $here, ?int $at = null): bool
    {
        $found = $this->database->row(
            "SELECT id FROM {$this->table()} WHERE course_id = ? AND id = ?",
            [$this->course->id, $claimId]
        );
        if ($found === null) {
            return false;
        }
        $now = Courses::NOW;
        $here
            ? $this->database->write("UPDATE {$this->table()} SET arrived_at = COALESCE(arrived_at, LEAST(?, $now)) WHERE id = ?", [$at ?? PHP_INT_MAX, $claimId])
            : $this->database->write("UPDATE {$this->table()} SET arrived_at = NULL WHERE id = ?", [$claimId]);
        return true;
    }

    public function count(): int
    {
        return (int) $this->database->row(
            "SELECT COUNT(*) AS n FROM {$this->table()} WHERE course_id = ? AND arrived_at IS NOT NULL",
            [$this->course->id]
        )['n'];
    }

    /** @return array<int, int> when each has come, by the registration's id */
    public function all(): array
    {
        $rows = $this->database->rows(
            "SELECT id, arrived_at FROM {$this->table()} WHERE course_id = ? AND arrived_at IS NOT NULL ORDER BY id",
            [$this->course->id]
        );
        return array_map(intval(...), array_column($rows, 'arrived_at', 'id'));
    }

    private function table(): string
    {
        return LedgerPart::Registered->table($this->database->prefix);
    }
}
