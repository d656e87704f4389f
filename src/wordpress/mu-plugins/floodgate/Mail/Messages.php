<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

/** Messages to everybody in a course: written once, and a mail in the outbox for each who had a seat then. */
final class Messages
{
    public function __construct(private readonly Database $database)
    {
    }

    /** @return int to how many people it goes */
    public function send(Course $course, Message $message): int
    {
        return (int) $this->database->transaction(function () use ($course, $message): int {
            $this->database->write(
                "INSERT INTO {$this->table()} (course_id, subject, text, written_by, queued_at) VALUES (?, ?, ?, ?, " . Courses::NOW . ')',
                [$course->id, $message->subject, $message->text, $message->writtenBy]
            );
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
