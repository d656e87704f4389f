<?php

declare(strict_types=1);

namespace Floodgate\Privacy;

use Floodgate\Mail\Outbox;
use Floodgate\Registration\Database;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Field;
use Floodgate\Registration\LedgerPart;

/** What is known of the person behind an e-mail address, in every course. */
final class PersonalData
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @return list<array{Entry, string, list<Field>, LedgerPart}> with the course's title and questions; registrations before
     *     cancellations before places on waiting lists, oldest first
     */
    public function of(string $email, int $limit, int $offset): array
    {
        $columns = 'c.id, c.course_id, c.code, c.name, c.email, c.answers, c.claimed_at';
        $courses = "{$this->database->prefix}floodgate_courses";
        $rows = $this->database->rows(
            "SELECT 0 AS part, $columns, NULL AS cancelled_at, NULL AS cancelled_by, k.title, k.fields
             FROM {$this->table(LedgerPart::Registered)} c LEFT JOIN $courses k ON k.id = c.course_id WHERE c.email = ?
             UNION ALL SELECT 1, $columns, c.cancelled_at, c.cancelled_by, k.title, k.fields
             FROM {$this->table(LedgerPart::Cancelled)} c LEFT JOIN $courses k ON k.id = c.course_id WHERE c.email = ?
             UNION ALL SELECT 2, $columns, NULL, NULL, k.title, k.fields
             FROM {$this->table(LedgerPart::Waiting)} c LEFT JOIN $courses k ON k.id = c.course_id WHERE c.email = ?
             ORDER BY part, id LIMIT ? OFFSET ?",
            [$email, $email, $email, $limit, $offset]
        );
        return array_map(static fn (array $row): array => [
            Entry::fromRow($row),
            (string) $row['title'],
            Field::listFromJson((string) $row['fields']),
            LedgerPart::cases()[(int) $row['part']],
        ], $rows);
    }

    /**
     * Take the person out of every line: name, address, answers, and the key that was made of them. The line stays with
     * its code, so the seat stays taken: nobody gets it by surprise, and whoever has the code can still come.
     *
     * @return int lines changed, at most $limit
     */
    public function erase(string $email, int $limit): int
    {
        $erased = 0;
        foreach (LedgerPart::cases() as $part) {
            $codes = array_column($this->database->rows(
                "SELECT id, code FROM {$this->table($part)} WHERE email = ? ORDER BY id LIMIT ?",
                [$email, $limit - $erased]
            ), 'code', 'id');
            foreach ($codes as $id => $code) {
                (new Outbox($this->database))->erase((string) $code);
                $erased += $this->database->write(
                    "UPDATE {$this->table($part)} SET name = '', email = '', answers = NULL, claim_key = UNHEX(?) WHERE id = ?",
                    [bin2hex(random_bytes(32)), $id]
                );
            }
        }
        return $erased;
    }

    private function table(LedgerPart $part): string
    {
        return $part->table($this->database->prefix);
    }
}
