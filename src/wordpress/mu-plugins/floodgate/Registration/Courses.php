<?php

declare(strict_types=1);

namespace Floodgate\Registration;

use Floodgate\Mail\Messages;
use Floodgate\Mail\Outbox;

/** The courses in the database. One clock counts for every task: the database's. */
final class Courses
{
    private const FROM_SETTINGS = 'settings';
    private const FROM_STORM = 'storm';
    private const FROM_ORGANISER = 'organiser';
    /** What Course::fromRow() needs, besides NOW. */
    public const COLUMNS = 'id, slug, title, text, seats, taken, opens_at, closes_at, time_zone, fields, one_per_email, starts_at, ends_at, place, remind_hours, waiting_list, offer_minutes, held, queued';
    /** The database's clock, which alone counts: milliseconds since 1970. */
    public const NOW = 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)';
    private const STORMS_KEPT = 20;

    public function __construct(private readonly Database $database)
    {
    }

    /** The same of a table that has another name in the statement. */
    public static function columnsOf(string $alias): string
    {
        return "$alias." . str_replace(', ', ", $alias.", self::COLUMNS);
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

    public function byId(int $id): ?Course
    {
        return $this->select('id = ? AND origin <> ?', [$id, self::FROM_STORM])[0] ?? null;
    }

    /** Any course, one that was made for a storm too. */
    public function anyById(int $id): ?Course
    {
        return $this->select('id = ?', [$id])[0] ?? null;
    }

    /** The course in which somebody has a seat with this code, without dashes. */
    public function ofCode(string $code): ?Course
    {
        return $this->select("id = (SELECT course_id FROM {$this->database->prefix}floodgate_claims WHERE code = ?)", [$code])[0] ?? null;
    }

    /** The course that the settings describe. It is not removed: the next deployment would want it back. */
    public function ofSettings(): ?Course
    {
        return $this->select('origin = ?', [self::FROM_SETTINGS])[0] ?? null;
    }

    /**
     * The course that the settings describe: made once; later what is new in the settings reaches it, and what an
     * organiser changed since stays. Its address stays when its title changes. Seats never go below what is taken:
     * nobody who has a code loses the seat.
     *
     * @param array{title: string, seats: int, opens_at: int} $wanted
     * @param array<string, mixed> $applied what was $wanted the last time
     */
    public function saveFromSettings(string $slug, array $wanted, array $applied): Course
    {
        $table = $this->table();
        $known = $this->ofSettings();
        if ($known === null) {
            return $this->create(self::FROM_SETTINGS, ['slug' => $slug, ...$wanted]);
        }
        foreach ($wanted as $column => $value) {
            if (($applied[$column] ?? null) !== $value) {
                $new = $column === 'seats' ? 'GREATEST(?, taken + held)' : '?';
                $this->database->write("UPDATE $table SET $column = $new WHERE id = ?", [$value, $known->id]);
            }
        }
        return $this->find($known->slug);
    }

    public function add(CourseDraft $draft): Course|Refusal
    {
        try {
            return $this->create(self::FROM_ORGANISER, $draft->columns());
        } catch (DatabaseError $error) {
            return $error->isDuplicate() ? Refusal::SlugTaken : throw $error;
        }
    }

    /**
     * Write what the draft has otherwise than the course, and nothing else.
     *
     * @param Course $known as it was when the draft was made of it; if it is not so any more, nothing is written
     */
    public function change(Course $known, CourseDraft $draft): Course|Refusal
    {
        $id = $known->id;
        $before = CourseDraft::of($known)->columns();
        $columns = array_filter(
            $draft->columns(),
            static fn (int|string|null $value, string $column): bool => $value !== $before[$column],
            ARRAY_FILTER_USE_BOTH
        );
        $set = implode(', ', array_map(static fn (string $column): string => "$column = ?", array_keys($columns)));
        try {
            $refusal = $this->whileNobodyClaims($id, function (int $promised, int $people, bool $onePerEmail) use ($id, $draft, $before, $columns, $set): ?Refusal {
                $now = $this->byId($id);
                if ($now === null || CourseDraft::of($now)->columns() !== $before) {
                    return $now === null ? Refusal::Gone : Refusal::Changed;
                }
                if ($draft->seats < $promised) {
                    return Refusal::SeatsBelowTaken;
                }
                if ($people > 0 && $draft->onePerEmail !== $onePerEmail) {
                    return Refusal::IdentityFixed;
                }
                if ($columns !== []) {
                    $this->database->write("UPDATE {$this->table()} SET $set WHERE id = ?", [...array_values($columns), $id]);
                }
                return null;
            });
        } catch (DatabaseError $error) {
            return $error->isDuplicate() ? Refusal::SlugTaken : throw $error;
        }
        return $refusal ?? $this->byId($id) ?? Refusal::Gone;
    }

    /** With all that belongs to it; one that has registrations only when that is meant. */
    public function remove(int $id, bool $withRegistrations): ?Refusal
    {
        return $this->whileNobodyClaims($id, function (int $promised, int $people) use ($id, $withRegistrations): ?Refusal {
            if ($people > 0 && !$withRegistrations) {
                return Refusal::NotEmpty;
            }
            $this->database->write("DELETE FROM {$this->table()} WHERE id = ?", [$id]);
            $this->forget($id);
            return null;
        });
    }

    /** A fresh course for a storm that opens in $opensIn milliseconds. Old ones go, with their claims. */
    public function createForStorm(int $seats, int $opensIn): Course
    {
        $slug = 'storm-' . strtolower(ConfirmationCode::random());
        $course = $this->create(self::FROM_STORM, [
            'slug' => $slug,
            'title' => 'Storm',
            'seats' => $seats,
            'opens_at' => $this->now() + $opensIn,
        ]);
        $this->forgetOldStorms();
        return $course;
    }

    /** @param array<string, int|string|null> $columns */
    private function create(string $origin, array $columns): Course
    {
        $columns['origin'] = $origin;
        $names = implode(', ', array_keys($columns));
        $marks = implode(', ', array_fill(0, count($columns), '?'));
        $this->database->write("INSERT INTO {$this->table()} ($names) VALUES ($marks)", array_values($columns));
        return $this->find((string) $columns['slug']);
    }

    /**
     * Run $work in a transaction that holds the course's counter still.
     *
     * @param callable(int, int, bool): (Refusal|null) $work given the seats that are taken or held by offers, the people who
     *     have a seat or wait for one, and whether an address has one seat
     */
    private function whileNobodyClaims(int $id, callable $work): ?Refusal
    {
        $refusal = null;
        $this->database->transaction(function () use ($id, $work, &$refusal): ?true {
            $row = $this->database->row("SELECT taken, held, queued, one_per_email FROM {$this->table()} WHERE id = ? FOR UPDATE", [$id]);
            $refusal = $row === null ? Refusal::Gone : $work(
                (int) $row['taken'] + (int) $row['held'],
                (int) $row['taken'] + (int) $row['held'] + (int) $row['queued'],
                (bool) $row['one_per_email']
            );
            return $refusal === null ? true : null;
        });
        return $refusal;
    }

    private function forgetOldStorms(): void
    {
        $old = $this->database->rows(
            "SELECT id FROM {$this->table()} WHERE origin = ? ORDER BY id DESC LIMIT 1000 OFFSET " . self::STORMS_KEPT,
            [self::FROM_STORM]
        );
        foreach ($old as ['id' => $id]) {
            $this->database->write("DELETE FROM {$this->table()} WHERE id = ?", [$id]);
            $this->forget((int) $id);
        }
    }

    /** Whatever names a course that is gone. */
    private function forget(int $id): void
    {
        foreach (LedgerPart::cases() as $part) {
            $this->database->write("DELETE FROM {$part->table($this->database->prefix)} WHERE course_id = ?", [$id]);
        }
        (new Outbox($this->database))->forget($id);
        (new Messages($this->database))->forget($id);
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
