<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** The courses in the database. One clock counts for every task: the database's. */
final class Courses
{
    public const FROM_SETTINGS = 'settings';
    public const FROM_STORM = 'storm';
    public const FROM_ORGANISER = 'organiser';
    /** What Course::fromRow() needs, besides NOW. */
    public const COLUMNS = 'id, slug, title, text, seats, taken, opens_at, closes_at, time_zone, fields, one_per_email';
    /** The database's clock, which alone counts: milliseconds since 1970. */
    public const NOW = 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)';
    private const STORMS_KEPT = 20;

    public function __construct(private readonly Database $database)
    {
    }

    public function find(string $slug): ?Course
    {
        return $this->select('slug = ?', [$slug])[0] ?? null;
    }

    /** @return list<Course> what the site offers, the next opening first; courses made for a storm are not offered */
    public function offered(): array
    {
        return $this->select('origin <> ?', [self::FROM_STORM]);
    }

    /** Milliseconds since 1970. */
    public function now(): int
    {
        return (int) $this->database->row('SELECT ' . self::NOW . ' AS now')['now'];
    }

    /**
     * The course that the settings describe: made once, later brought in line. Its address stays when its title changes.
     * Seats never go below what is taken: nobody who has a code loses the seat.
     */
    public function saveFromSettings(string $slug, string $title, int $seats, int $opensAt): Course
    {
        $table = $this->table();
        $known = $this->database->row("SELECT slug FROM $table WHERE origin = ?", [self::FROM_SETTINGS]);
        if ($known === null) {
            return $this->create($slug, self::FROM_SETTINGS, $title, $seats, $opensAt);
        }
        $this->database->write(
            "UPDATE $table SET title = ?, seats = GREATEST(?, taken), opens_at = ? WHERE slug = ?",
            [$title, $seats, $opensAt, (string) $known['slug']]
        );
        return $this->find((string) $known['slug']);
    }

    /** A fresh course for a storm that opens in $opensIn milliseconds. Old ones go, with their claims. */
    public function createForStorm(int $seats, int $opensIn): Course
    {
        $slug = 'storm-' . strtolower(Code::random());
        $course = $this->create($slug, self::FROM_STORM, 'Storm', $seats, $this->now() + $opensIn);
        $this->forgetOldStorms();
        return $course;
    }

    private function create(string $slug, string $origin, string $title, int $seats, int $opensAt): Course
    {
        $this->database->write(
            "INSERT INTO {$this->table()} (slug, origin, title, seats, opens_at) VALUES (?, ?, ?, ?, ?)",
            [$slug, $origin, $title, $seats, $opensAt]
        );
        return $this->find($slug);
    }

    private function forgetOldStorms(): void
    {
        $old = $this->database->rows(
            "SELECT id FROM {$this->table()} WHERE origin = ? ORDER BY id DESC LIMIT 1000 OFFSET " . self::STORMS_KEPT,
            [self::FROM_STORM]
        );
        foreach ($old as ['id' => $id]) {
            $this->database->write("DELETE FROM {$this->table()} WHERE id = ?", [$id]);
            $this->database->write("DELETE FROM {$this->database->prefix}floodgate_claims WHERE course_id = ?", [$id]);
        }
    }

    /**
     * @param list<int|string> $arguments
     * @return list<Course>
     */
    private function select(string $where, array $arguments): array
    {
        $rows = $this->database->rows(
            'SELECT ' . self::COLUMNS . ', ' . self::NOW . " AS now FROM {$this->table()} WHERE $where ORDER BY opens_at, id",
            $arguments
        );
        return array_map(Course::fromRow(...), $rows);
    }

    private function table(): string
    {
        return "{$this->database->prefix}floodgate_courses";
    }
}
