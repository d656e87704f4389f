<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

/** Messages to everybody in a course: written once, and a mail in the outbox for each who had a seat then. */
final class Messages
{
    /** Milliseconds in which the same words are the same message. */
    private const SAME_FOR = 600_000;
    private const LOCK_SECONDS = 20;
    /** Characters that MySQL takes. */
    private const LOCK_NAME_MAX = 64;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Send it to everybody once: the same words within some minutes are a button that was pressed twice, or a page that was
     * sent anew.
     *
     * @return int to how many people it goes
     */
    public function send(Course $course, Message $message): int
    {
        // The second of two presses at once looks when the first is done. Not the course's row: claims would wait for it.
        $lock = [substr("{$this->table()} {$course->id}", -self::LOCK_NAME_MAX)];
        $this->database->row('SELECT GET_LOCK(?, ' . self::LOCK_SECONDS . ') AS is_held', $lock);
        try {
            return $this->sendOnce($course, $message);
        } finally {
            $this->database->row('SELECT RELEASE_LOCK(?) AS is_free', $lock);
        }
    }

    private function sendOnce(Course $course, Message $message): int
    {
        return (int) $this->database->transaction(function () use ($course, $message): ?int {
            $written = $this->database->write(
                "INSERT INTO {$this->table()} (course_id, subject, text, written_by, queued_at)
                 SELECT ?, ?, ?, ?, " . Courses::NOW . " FROM DUAL WHERE NOT EXISTS (
                     SELECT 1 FROM {$this->table()} WHERE course_id = ? AND queued_at > " . Courses::NOW . ' - ' . self::SAME_FOR . '
                         AND CAST(subject AS BINARY) = CAST(? AS BINARY) AND CAST(text AS BINARY) = CAST(? AS BINARY))',
                [$course->id, $message->subject, $message->text, $message->writtenBy, $course->id, $message->subject, $message->text]
            );
            if ($written === 0) {
                return null;
            }
            $id = (int) $this->database->row('SELECT LAST_INSERT_ID() AS id')['id'];
            return $this->database->write(
                ...Outbox::enqueue($this->database, MailKind::Message->kept($id), "WHERE c.course_id = ? AND c.email <> ''", [$course->id])
            );
        });
    }

    public function find(int $id): ?Message
    {
        $row = $this->database->row("SELECT * FROM {$this->table()} WHERE id = ?", [$id]);
        return $row === null ? null : self::fromRow($row);
    }

    /** @return list<array{Message, array<string, int>}> newest first, each with how many of its mails are in which state */
    public function of(Course $course): array
    {
        $messages = array_map(
            self::fromRow(...),
            $this->database->rows("SELECT * FROM {$this->table()} WHERE course_id = ? ORDER BY id DESC", [$course->id])
        );
        $counts = (new Outbox($this->database))->counts($course);
        return array_map(
            static fn (Message $message): array => [$message, $counts[MailKind::Message->kept($message->id)] ?? []],
            $messages
        );
    }

    /** Forget what was written to a course that is gone. */
    public function forget(int $courseId): void
    {
        $this->database->write("DELETE FROM {$this->table()} WHERE course_id = ?", [$courseId]);
    }

    /** @param array<string, int|float|string|null> $row */
    private static function fromRow(array $row): Message
    {
        return new Message((string) $row['subject'], (string) $row['text'], (int) $row['id'], (int) $row['written_by'], (int) $row['queued_at']);
    }

    private function table(): string
    {
        return "{$this->database->prefix}floodgate_messages";
    }
}
