<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * The registration's tables, as numbered migrations. Run by the install step under its lock, while tasks of the version
 * before may still be serving: a migration only ever adds.
 */
final class Schema
{
    public function __construct(private readonly Database $database)
    {
    }

    /** @return list<int> the versions applied now */
    public function migrate(): array
    {
        $prefix = $this->database->prefix;
        $this->database->write(
            "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_migrations (
                version INT UNSIGNED NOT NULL PRIMARY KEY,
                applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            ) ENGINE=InnoDB"
        );
        $done = array_column($this->database->rows("SELECT version FROM {$prefix}floodgate_migrations"), 'version');
        $applied = [];
        foreach ($this->migrations() as $version => $statements) {
            if (in_array($version, array_map(intval(...), $done), true)) {
                continue;
            }
            foreach ($statements() as $statement) {
                $this->database->write($statement);
            }
            $this->database->write("INSERT INTO {$prefix}floodgate_migrations (version) VALUES (?)", [$version]);
            $applied[] = $version;
        }
        (new SeatRoutine($this->database))->make();
        return $applied;
    }

    /**
     * A step that was killed runs again from its first statement, so each statement bears being run twice.
     *
     * @return array<int, \Closure(): list<string>> statements by version; a version that was released is never edited
     */
    private function migrations(): array
    {
        $prefix = $this->database->prefix;
        return [
            // Times are milliseconds since 1970: no session's time zone can bend them. No foreign key: its check locks
            // the course's row for reading, and two claims that then both want to count would deadlock.
            1 => static fn (): array => [
                "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_courses (
                    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                    slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    origin VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    title VARCHAR(200) NOT NULL,
                    seats INT UNSIGNED NOT NULL,
                    taken INT UNSIGNED NOT NULL DEFAULT 0,
                    opens_at BIGINT UNSIGNED NOT NULL,
                    UNIQUE KEY slug (slug),
                    KEY origin (origin),
                    CONSTRAINT {$prefix}floodgate_never_oversold CHECK (taken <= seats)
                ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
                "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_claims (
                    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                    course_id BIGINT UNSIGNED NOT NULL,
                    claim_key BINARY(32) NOT NULL,
                    code CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    name VARCHAR(200) NOT NULL,
                    email VARCHAR(254) NOT NULL,
                    claimed_at BIGINT UNSIGNED NOT NULL,
                    UNIQUE KEY one_seat_each (course_id, claim_key),
                    UNIQUE KEY code (code)
                ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
            ],
            // What an organiser decides, what people answer, and the seats that were given back. The version before
            // neither reads nor writes these columns; what it inserts has their defaults.
            2 => fn (): array => [
                ...$this->addColumns("{$prefix}floodgate_courses", [
                    'text' => 'MEDIUMTEXT NULL',
                    'closes_at' => 'BIGINT UNSIGNED NULL',
                    'time_zone' => 'VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL',
                    'fields' => 'MEDIUMTEXT NULL',
                    'one_per_email' => 'TINYINT NOT NULL DEFAULT 1',
                ]),
                ...$this->addColumns("{$prefix}floodgate_claims", ['answers' => 'MEDIUMTEXT NULL']),
                "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_cancellations (
                    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                    course_id BIGINT UNSIGNED NOT NULL,
                    claim_key BINARY(32) NOT NULL,
                    code CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    name VARCHAR(200) NOT NULL,
                    email VARCHAR(254) NOT NULL,
                    answers MEDIUMTEXT NULL,
                    claimed_at BIGINT UNSIGNED NOT NULL,
                    cancelled_at BIGINT UNSIGNED NOT NULL,
                    cancelled_by BIGINT UNSIGNED NOT NULL,
                    KEY course (course_id),
                    KEY code (code)
                ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
            ],
            // Mails that are due, and what became of them. For whom a mail is, the ledger knows.
            3 => static fn (): array => [
                "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_outbox (
                    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                    course_id BIGINT UNSIGNED NOT NULL,
                    code CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'waiting',
                    attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
                    queued_at BIGINT UNSIGNED NOT NULL,
                    due_at BIGINT UNSIGNED NOT NULL,
                    done_at BIGINT UNSIGNED NULL,
                    message_id VARCHAR(255) NULL,
                    note VARCHAR(255) NULL,
                    UNIQUE KEY once (code, kind),
                    KEY due (state, due_at),
                    KEY course (course_id, state)
                ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
            ],
            // When and where the course itself is.
            4 => fn (): array => $this->addColumns("{$prefix}floodgate_courses", [
                'starts_at' => 'BIGINT UNSIGNED NULL',
                'ends_at' => 'BIGINT UNSIGNED NULL',
                'place' => "VARCHAR(200) NOT NULL DEFAULT ''",
            ]),
            // What organisers tell everybody in a course, and how long before it they remind people.
            5 => fn (): array => [
                ...$this->addColumns("{$prefix}floodgate_courses", ['remind_hours' => 'SMALLINT UNSIGNED NULL']),
                "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_messages (
                    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                    course_id BIGINT UNSIGNED NOT NULL,
                    subject VARCHAR(200) NOT NULL,
                    text MEDIUMTEXT NOT NULL,
                    written_by BIGINT UNSIGNED NOT NULL,
                    queued_at BIGINT UNSIGNED NOT NULL,
                    KEY course (course_id)
                ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
            ],
            // Who has come.
            6 => fn (): array => $this->addColumns("{$prefix}floodgate_claims", ['arrived_at' => 'BIGINT UNSIGNED NULL']),
            // Who waits for a seat that is given back. A course counts the seats that are held by offers, and who waits.
            7 => fn (): array => [
                ...$this->addColumns("{$prefix}floodgate_courses", [
                    'waiting_list' => 'TINYINT NOT NULL DEFAULT 0',
                    'offer_minutes' => 'INT UNSIGNED NOT NULL DEFAULT 1440',
                    'held' => 'INT UNSIGNED NOT NULL DEFAULT 0',
                    'queued' => 'INT UNSIGNED NOT NULL DEFAULT 0',
                ]),
                ...$this->addCheck("{$prefix}floodgate_courses", "{$prefix}floodgate_never_promised_twice", 'taken + held <= seats'),
                "CREATE TABLE IF NOT EXISTS {$prefix}floodgate_queue (
                    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                    course_id BIGINT UNSIGNED NOT NULL,
                    claim_key BINARY(32) NOT NULL,
                    code CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
                    name VARCHAR(200) NOT NULL,
                    email VARCHAR(254) NOT NULL,
                    answers MEDIUMTEXT NULL,
                    claimed_at BIGINT UNSIGNED NOT NULL,
                    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'waiting',
                    offered_until BIGINT UNSIGNED NULL,
                    UNIQUE KEY one_place_each (course_id, claim_key),
                    UNIQUE KEY code (code),
                    KEY line (course_id, state, id)
                ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
            ],
            // What a course looks like to people who look for one, and whether they see it yet.
            8 => fn (): array => $this->addColumns("{$prefix}floodgate_courses", [
                'summary' => "VARCHAR(300) NOT NULL DEFAULT ''",
                'picture' => 'TEXT NULL',
                'is_draft' => 'TINYINT NOT NULL DEFAULT 0',
            ]),
            // What a browser made up when it took the seat, hashed: who shows it again is shown the code.
            9 => fn (): array => $this->addColumns("{$prefix}floodgate_claims", ['browser' => 'BINARY(32) NULL']),
        ];
    }

    /**
     * MySQL knows no ADD COLUMN IF NOT EXISTS.
     *
     * @param array<string, string> $columns definition by name
     * @return list<string>
     */
    private function addColumns(string $table, array $columns): array
    {
        $missing = array_diff_key($columns, array_flip(array_column($this->database->rows("SHOW COLUMNS FROM $table"), 'Field')));
        if ($missing === []) {
            return [];
        }
        $added = array_map(
            static fn (string $name, string $definition): string => "ADD COLUMN `$name` $definition",
            array_keys($missing),
            $missing
        );
        return ["ALTER TABLE $table " . implode(', ', $added)];
    }

    /** @return list<string> */
    private function addCheck(string $table, string $name, string $rule): array
    {
        $known = $this->database->rows('SELECT 1 FROM information_schema.table_constraints WHERE constraint_schema = DATABASE() AND constraint_name = ?', [$name]);
        return $known === [] ? ["ALTER TABLE $table ADD CONSTRAINT $name CHECK ($rule)"] : [];
    }
}
