<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * Seats, claimed: never more than there are, never two for one person, and the same answer however often one asks.
 *
 * The unique key on (course, person) and the guarded counter decide, in one transaction; nothing before them is trusted.
 */
final class Claims
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @return array{Outcome, string|null} the outcome, and the person's code when confirmed
     * @throws DatabaseError when it is not known what became of the claim; asking again finds out
     */
    public function claim(Course $course, Claimant $claimant): array
    {
        $code = match ($course->state()) {
            State::Closed => null,
            State::Open => $this->insert($course, $claimant),
            State::SoldOut => null,
        };
        // Nothing inserted: the person has a seat already, or there is none.
        $code ??= $this->codeOf($course, $claimant);
        return match (true) {
            $code !== null => [Outcome::Confirmed, $code],
            $course->state() === State::Closed => [Outcome::Closed, null],
            default => [Outcome::SoldOut, null],
        };
    }

    /** @return list<array{code: string, email: string, claimed_at: int}> oldest first; milliseconds since 1970 */
    public function ledger(Course $course): array
    {
        return array_map(
            static fn (array $row): array => [
                'code' => (string) $row['code'],
                'email' => (string) $row['email'],
                'claimed_at' => (int) $row['claimed_at'],
            ],
            $this->database->rows(
                "SELECT code, email, claimed_at FROM {$this->table()} WHERE course_id = ? ORDER BY id",
                [$course->id]
            )
        );
    }

    /** The new code, or null when nothing was claimed: no seat left, or this person has one. */
    private function insert(Course $course, Claimant $claimant): ?string
    {
        return $this->database->transaction(function () use ($course, $claimant): ?string {
            $code = Code::random();
            $inserted = $this->database->write(
                "INSERT IGNORE INTO {$this->table()} (course_id, claim_key, code, name, email, claimed_at)
                 VALUES (?, ?, ?, ?, ?, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED))",
                [$course->id, $claimant->key(), $code, $claimant->name, $claimant->email]
            );
            if ($inserted === 0) {
                return null;
            }
            $counted = $this->database->write(
                "UPDATE {$this->database->prefix}floodgate_courses SET taken = taken + 1 WHERE id = ? AND taken < seats",
                [$course->id]
            );
            return $counted === 1 ? $code : null;
        });
    }

    private function codeOf(Course $course, Claimant $claimant): ?string
    {
        $row = $this->database->row(
            "SELECT code FROM {$this->table()} WHERE course_id = ? AND claim_key = ?",
            [$course->id, $claimant->key()]
        );
        return $row === null ? null : (string) $row['code'];
    }

    private function table(): string
    {
        return "{$this->database->prefix}floodgate_claims";
    }
}
