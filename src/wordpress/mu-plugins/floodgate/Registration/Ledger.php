<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Who has a seat in a course, and who gave one back. */
final class Ledger
{
    /** Columns that one may sort by; the first time column differs by part. */
    public const SORTABLE = ['name', 'email', 'claimed_at'];
    private const BATCH = 1_000;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
    }

    public function count(LedgerPart $part, string $search = ''): int
    {
        [$where, $arguments] = $this->where($search);
        return (int) $this->database->row("SELECT COUNT(*) AS n FROM {$this->table($part)} WHERE $where", $arguments)['n'];
    }

    /**
     * @param string $search part of a name, an address or a code; empty: all
     * @param string $by one of SORTABLE
     * @return list<Entry>
     */
    public function page(LedgerPart $part, string $search, string $by, bool $descending, int $offset, int $limit): array
    {
        [$where, $arguments] = $this->where($search);
        $by = in_array($by, self::SORTABLE, true) ? $by : 'claimed_at';
        $direction = $descending ? 'DESC' : 'ASC';
        return array_map(Entry::fromRow(...), $this->database->rows(
            "SELECT * FROM {$this->table($part)} WHERE $where ORDER BY $by $direction, id $direction LIMIT ? OFFSET ?",
            [...$arguments, $limit, $offset]
        ));
    }

    /** @return \Generator<Entry> everybody who has a seat, oldest first, a batch at a time: it may be a million */
    public function all(): \Generator
    {
        $last = 0;
        do {
            $rows = $this->database->rows(
                "SELECT * FROM {$this->table(LedgerPart::Registered)} WHERE course_id = ? AND id > ? ORDER BY id LIMIT " . self::BATCH,
                [$this->course->id, $last]
            );
            foreach ($rows as $row) {
                $last = (int) $row['id'];
                yield Entry::fromRow($row);
            }
        } while (count($rows) === self::BATCH);
    }

    public function find(int $id, LedgerPart $part = LedgerPart::Registered): ?Entry
    {
        $row = $this->database->row(
            "SELECT * FROM {$this->table($part)} WHERE course_id = ? AND id = ?",
            [$this->course->id, $id]
        );
        return $row === null ? null : Entry::fromRow($row);
    }

    /** @return array{string, list<int|string>} */
    private function where(string $search): array
    {
        if ($search === '') {
            return ['course_id = ?', [$this->course->id]];
        }
        $part = '%' . addcslashes($search, '%_\\') . '%';
        // A code may be typed with its dashes or without, and in small letters.
        $code = '%' . strtoupper((string) preg_replace('/[^A-Za-z0-9]/', '', $search)) . '%';
        return $code === '%%'
            ? ['course_id = ? AND (name LIKE ? OR email LIKE ?)', [$this->course->id, $part, $part]]
            : ['course_id = ? AND (name LIKE ? OR email LIKE ? OR code LIKE ?)', [$this->course->id, $part, $part, $code]];
    }

    private function table(LedgerPart $part): string
    {
        return $part->table($this->database->prefix);
    }
}
