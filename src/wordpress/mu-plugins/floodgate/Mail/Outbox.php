<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\Entry;
use Floodgate\Registration\LedgerPart;
use Floodgate\Registration\Place;

/**
 * Mails that are due, in the database: written in the transaction of what they tell, sent later, each once. Names and
 * addresses are not in it; they are read when a mail goes out.
 */
final class Outbox
{
    /** Milliseconds until the next try, by the number of tries before: a minute at first, and six hours at most. */
    private const PAUSES = [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000];
    /** Then the mail counts as refused: about three days. */
    private const TRIES = 16;
    /** Milliseconds between two mails that somebody asks for. */
    private const NOT_AGAIN_FOR = 600_000;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Put a mail of this kind in for each registration, as a statement, of a transaction or alone.
     *
     * @param string $kind as MailKind::kept()
     * @param string $which which registrations, as SQL after their table `c`
     * @param list<int|string> $arguments of $which
     * @param LedgerPart $part where they are
     * @return array{string, list<int|string|null>}
     */
    public static function enqueue(Database $database, string $kind, string $which, array $arguments, LedgerPart $part = LedgerPart::Registered): array
    {
        return [
            'INSERT INTO ' . self::table($database) . ' (course_id, code, kind, queued_at, due_at)
             SELECT c.course_id, c.code, ?, ' . Courses::NOW . ', ' . Courses::NOW . " FROM {$part->table($database->prefix)} c $which",
            [$kind, ...$arguments],
        ];
    }

    /**
     * Put such mails in where the site sends any, with the transaction that is open.
     *
     * @param string $which as for enqueue()
     * @param list<int|string> $arguments of $which
     */
    public static function tell(Database $database, MailKind $kind, string $which, array $arguments, LedgerPart $part): void
    {
        if (MailServer::isSet()) {
            $database->write(...self::enqueue($database, $kind->kept(), $which, $arguments, $part));
        }
    }

    /** Forget what is said of a course that is gone. */
    public function forget(int $courseId): void
    {
        $this->database->write('DELETE FROM ' . self::table($this->database) . ' WHERE course_id = ?', [$courseId]);
    }

    /** Put reminders in for everybody whose course begins soon, and who was registered before the hour of its reminder. */
    public function enqueueReminders(): void
    {
        $now = Courses::NOW;
        $before = 'course.remind_hours * 3600000';
        $isSoon = "course.remind_hours IS NOT NULL AND course.starts_at > $now AND course.starts_at <= $now + $before";
        $courses = "{$this->database->prefix}floodgate_courses course";
        $kind = MailKind::Reminder->kept();
        // Of a course that was moved since, people were reminded for another day.
        $this->database->write(
            'UPDATE ' . self::table($this->database) . " o JOIN $courses ON course.id = o.course_id
             SET o.state = ?, o.attempts = 0, o.note = NULL, o.done_at = NULL, o.queued_at = $now, o.due_at = $now
             WHERE $isSoon AND o.kind = ? AND o.state NOT IN (?, ?) AND o.queued_at + $before < course.starts_at",
            [MailState::Waiting->value, $kind, MailState::Waiting->value, MailState::Sending->value]
        );
        $this->database->write(...self::enqueue(
            $this->database,
            $kind,
            "JOIN $courses ON course.id = c.course_id
             WHERE $isSoon AND c.claimed_at + $before < course.starts_at
                 AND NOT EXISTS (SELECT 1 FROM " . self::table($this->database) . ' o WHERE o.code = c.code AND o.kind = ?)',
            [$kind]
        ));
    }

    /**
     * Mails that somebody began to send and nobody ended: a sender that was killed. Whoever calls is the only sender.
     *
     * @return int how many; from now on it is unknown what became of them
     */
    public function findAbandoned(): int
    {
        return $this->database->write(
            'UPDATE ' . self::table($this->database) . ' SET state = ?, note = ? WHERE state = ?',
            [MailState::Unknown->value, 'the sender was killed while it sent this mail', MailState::Sending->value]
        );
    }

    /**
     * The next that are due. Mails of a kind that a later version of the site put in wait for that one to come back.
     *
     * @return list<DueMail> the longest waiting first
     */
    public function due(int $limit): array
    {
        [$ofPlaces, $ofCancelled] = [self::kindsOf(LedgerPart::Waiting), self::kindsOf(LedgerPart::Cancelled)];
        $known = implode('|', array_column(MailKind::cases(), 'value'));
        $columns = implode(', ', array_map(
            static fn (string $column): string => "COALESCE(c.$column, q.$column, x.$column) AS $column",
            ['id', 'code', 'name', 'email', 'answers', 'claimed_at']
        ));
        $rows = $this->database->rows(
            "SELECT o.id AS mail_id, o.kind, o.attempts, o.course_id, $columns, q.state, q.offered_until, x.cancelled_at, x.cancelled_by
             FROM " . self::table($this->database) . " o
             LEFT JOIN {$this->database->prefix}floodgate_claims c ON c.code = o.code AND o.kind NOT IN $ofPlaces AND o.kind NOT IN $ofCancelled
             LEFT JOIN {$this->database->prefix}floodgate_queue q ON q.code = o.code AND o.kind IN $ofPlaces
             LEFT JOIN {$this->database->prefix}floodgate_cancellations x ON x.code = o.code AND o.kind IN $ofCancelled
             WHERE o.state = ? AND o.due_at <= " . Courses::NOW . ' AND o.kind REGEXP ? ORDER BY o.due_at, o.id LIMIT ?',
            [MailState::Waiting->value, "^($known)(-[0-9]+)?$", $limit]
        );
        $mails = [];
        foreach ($rows as $row) {
            [$kind, $message] = MailKind::read((string) $row['kind']) ?? throw new \LogicException("the outbox looked for kinds that it knows: {$row['kind']}");
            $mails[] = new DueMail(
                id: (int) $row['mail_id'],
                kind: $kind,
                message: $message,
                attempts: (int) $row['attempts'],
                courseId: (int) $row['course_id'],
                entry: $row['code'] === null ? null : Entry::fromRow($row),
                place: $row['state'] === null ? null : Place::fromRow($row),
            );
        }
        return $mails;
    }

    /** The kinds of mails about lines of a part, as a list of SQL. */
    private static function kindsOf(LedgerPart $part): string
    {
        $kinds = array_filter(MailKind::cases(), static fn (MailKind $kind): bool => $kind->part() === $part);
        return "('" . implode("', '", array_column($kinds, 'value')) . "')";
    }

    /** @return bool false when somebody else has begun it */
    public function begin(DueMail $mail): bool
    {
        return $this->database->write(
            'UPDATE ' . self::table($this->database) . ' SET state = ?, attempts = attempts + 1 WHERE id = ? AND state = ?',
            [MailState::Sending->value, $mail->id, MailState::Waiting->value]
        ) === 1;
    }

    public function end(DueMail $mail, Delivery $delivery): MailState
    {
        if ($delivery->state !== MailState::Waiting) {
            $this->mark($mail, $delivery->state, $delivery->id, $delivery->said);
            return $delivery->state;
        }
        if ($mail->attempts + 1 >= self::TRIES) {
            $this->mark($mail, MailState::Refused, null, $delivery->said);
            return MailState::Refused;
        }
        $this->database->write(
            'UPDATE ' . self::table($this->database) . ' SET state = ?, note = ?, due_at = ' . Courses::NOW . ' + ? WHERE id = ?',
            [MailState::Waiting->value, self::note($delivery->said), self::PAUSES[min($mail->attempts, count(self::PAUSES) - 1)], $mail->id]
        );
        return MailState::Waiting;
    }

    public function drop(DueMail $mail): void
    {
        $this->mark($mail, MailState::Dropped, null, null);
    }

    /** Send a registration's mail again: its person has asked for the code. Not more often than each ten minutes. */
    public function askedAgain(string $code): void
    {
        $kind = MailKind::Confirmation->kept();
        $table = self::table($this->database);
        $changed = $this->database->write(
            "UPDATE $table SET state = ?, attempts = 0, note = NULL, done_at = NULL, due_at = " . Courses::NOW . "
             WHERE code = ? AND kind = ? AND state NOT IN (?, ?) AND done_at < " . Courses::NOW . ' - ?',
            [MailState::Waiting->value, $code, $kind, MailState::Sending->value, MailState::Waiting->value, self::NOT_AGAIN_FOR]
        );
        if ($changed > 0) {
            return;
        }
        // Who registered before the site sent mails has none that could be sent again.
        $this->database->write(...self::enqueue(
            $this->database,
            $kind,
            "WHERE c.code = ? AND NOT EXISTS (SELECT 1 FROM $table o WHERE o.code = c.code AND o.kind = ?)",
            [$code, $kind]
        ));
    }

    /** Send a registration's mail again: an organiser knows that it did not come. @return bool false: there is none to send */
    public function again(Course $course, int $claimId): bool
    {
        return $this->database->write(
            'UPDATE ' . self::table($this->database) . " SET state = ?, attempts = 0, note = NULL, done_at = NULL, due_at = " . Courses::NOW . "
             WHERE course_id = ? AND kind = ? AND state NOT IN (?, ?)
                 AND code = (SELECT code FROM {$this->database->prefix}floodgate_claims WHERE course_id = ? AND id = ?)",
            [
                MailState::Waiting->value, $course->id, MailKind::Confirmation->value, MailState::Sending->value, MailState::Waiting->value,
                $course->id, $claimId,
            ]
        ) === 1;
    }

    /** Send a line's mail to its new address; one that is under way goes there as well, after the other. */
    public function readdress(string $code, MailKind $kind, LedgerPart $part): void
    {
        // Every mail of it that has not gone out yet goes to the new address by itself.
        $this->database->write('DELETE FROM ' . self::table($this->database) . ' WHERE code = ? AND kind = ?', [$code, $kind->kept()]);
        $this->database->write(...self::enqueue($this->database, $kind->kept(), 'WHERE c.code = ?', [$code], $part));
    }

    /** @return array<string, array<string, int>> how many mails of a course are in each state, by kind as kept; states without mails are left out */
    public function counts(Course $course): array
    {
        $counts = [];
        foreach ($this->database->rows(
            'SELECT kind, state, COUNT(*) AS n FROM ' . self::table($this->database) . ' WHERE course_id = ? GROUP BY kind, state',
            [$course->id]
        ) as $row) {
            $counts[(string) $row['kind']][(string) $row['state']] = (int) $row['n'];
        }
        return $counts;
    }

    /**
     * What became of the mails of this kind to these registrations.
     *
     * @param list<Entry> $entries
     * @return array<string, array{state: MailState, at: int|null, note: string|null}> by code; milliseconds since 1970
     */
    public function states(MailKind $kind, array $entries): array
    {
        if ($entries === []) {
            return [];
        }
        $codes = array_map(static fn (Entry $entry): string => $entry->code, $entries);
        $rows = $this->database->rows(
            'SELECT code, state, done_at, note FROM ' . self::table($this->database)
            . ' WHERE kind = ? AND code IN (' . implode(', ', array_fill(0, count($codes), '?')) . ')',
            [$kind->value, ...$codes]
        );
        $found = [];
        foreach ($rows as $row) {
            $found[(string) $row['code']] = [
                'state' => MailState::from((string) $row['state']),
                'at' => $row['done_at'] === null ? null : (int) $row['done_at'],
                'note' => $row['note'] === null ? null : (string) $row['note'],
            ];
        }
        return $found;
    }

    /**
     * What a person was sent, or is to be sent; of kinds that this version of the site knows.
     *
     * @return list<array{kind: MailKind, state: MailState, at: int|null}> oldest first; when it came to that, in milliseconds since 1970
     */
    public function about(string $code): array
    {
        $mails = [];
        foreach ($this->database->rows('SELECT kind, state, done_at FROM ' . self::table($this->database) . ' WHERE code = ? ORDER BY id', [$code]) as $row) {
            [$kind] = MailKind::read((string) $row['kind']) ?? [null];
            if ($kind !== null) {
                $mails[] = ['kind' => $kind, 'state' => MailState::from((string) $row['state']), 'at' => $row['done_at'] === null ? null : (int) $row['done_at']];
            }
        }
        return $mails;
    }

    /** Take out what servers said of a person's mails, which may name the person. */
    public function erase(string $code): void
    {
        $this->database->write('UPDATE ' . self::table($this->database) . ' SET note = NULL, message_id = NULL WHERE code = ?', [$code]);
    }

    private function mark(DueMail $mail, MailState $state, ?string $id, ?string $said): void
    {
        $this->database->write(
            'UPDATE ' . self::table($this->database) . ' SET state = ?, message_id = ?, note = ?, done_at = ' . Courses::NOW . ' WHERE id = ?',
            [$state->value, $id, self::note($said), $mail->id]
        );
    }

    private static function note(?string $said): ?string
    {
        return $said === null ? null : mb_substr(mb_scrub($said), 0, 255);
    }

    public static function table(Database $database): string
    {
        return "{$database->prefix}floodgate_outbox";
    }
}
