<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A line of the ledger: a seat that is taken, or was given back. Times are milliseconds since 1970. */
final class Entry
{
    /** @param array<string, string> $answers by the field's key */
    private function __construct(
        public readonly int $id,
        public readonly int $courseId,
        public readonly string $code,
        public readonly string $name,
        public readonly string $email,
        public readonly array $answers,
        public readonly int $claimedAt,
        public readonly ?int $cancelledAt,
        /** the user who cancelled it */
        public readonly ?int $cancelledBy,
    ) {
    }

    /** @param array<string, int|float|string|null> $row of floodgate_claims or floodgate_cancellations */
    public static function fromRow(array $row): self
    {
        $answers = (string) $row['answers'];
        return new self(
            id: (int) $row['id'],
            courseId: (int) $row['course_id'],
            code: (string) $row['code'],
            name: (string) $row['name'],
            email: (string) $row['email'],
            answers: $answers === '' ? [] : array_map(strval(...), json_decode($answers, true, 4, JSON_THROW_ON_ERROR)),
            claimedAt: (int) $row['claimed_at'],
            cancelledAt: isset($row['cancelled_at']) ? (int) $row['cancelled_at'] : null,
            cancelledBy: isset($row['cancelled_by']) ? (int) $row['cancelled_by'] : null,
        );
    }

    /** Has the person been erased, so that only the seat and its code are left? */
    public function isErased(): bool
    {
        return $this->email === '';
    }
}
