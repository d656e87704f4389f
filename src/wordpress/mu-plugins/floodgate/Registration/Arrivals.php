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
     * @param list<array{claim: int, here: bool, at: int|null}> $ticks registrations; when it was seen, in milliseconds
     *     since 1970: a door without a network tells later; null: now
     * @return list<int> registrations that are not there (any more)
     */
    public function mark(array $ticks): array
    {
        if ($ticks === []) {
            return [];
        }
        $claims = array_column($ticks, 'claim');
        $known = array_map(intval(...), array_column($this->database->rows(
            "SELECT id FROM {$this->table()} WHERE course_id = ? AND id IN (" . implode(', ', array_fill(0, count($claims), '?')) . ')',
            [$this->course->id, ...$claims]
        ), 'id', 'id'));
        $now = Courses::NOW;
        foreach ($ticks as ['claim' => $claim, 'here' => $here, 'at' => $at]) {
            if (isset($known[$claim])) {
                $here
                    ? $this->database->write("UPDATE {$this->table()} SET arrived_at = COALESCE(arrived_at, LEAST(?, $now)) WHERE id = ?", [$at ?? PHP_INT_MAX, $claim])
                    : $this->database->write("UPDATE {$this->table()} SET arrived_at = NULL WHERE id = ?", [$claim]);
            }
        }
        return array_values(array_diff($claims, $known));
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

    /** Another one whenever somebody has been registered or cancelled: lists that are open then are not whole. */
    public function version(): string
    {
        $row = $this->database->row("SELECT COUNT(*) AS people, COALESCE(MAX(id), 0) AS last FROM {$this->table()} WHERE course_id = ?", [$this->course->id]);
        return "{$row['people']}-{$row['last']}";
    }

    private function table(): string
    {
        return LedgerPart::Registered->table($this->database->prefix);
    }
}
