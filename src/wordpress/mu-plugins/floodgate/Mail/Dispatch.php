<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\PlaceState;
use PHPMailer\PHPMailer\Exception;
use PHPMailer\PHPMailer\SMTP;

/** Sends what is due. There is one sender at a time: whoever calls has the lock of the scheduled work. */
final class Dispatch
{
    private const BATCH = 100;

    private readonly Outbox $outbox;
    private readonly Courses $courses;
    private ?SMTP $line = null;
    /** @var array<int, Course|null> by id */
    private array $known = [];
    /** @var array<int, Message|null> by number */
    private array $messages = [];
    /** @var array<string, int> mails by the state they came to */
    public array $counts = [];

    public function __construct(private readonly Database $database, private readonly MailServer $server)
    {
        $this->outbox = new Outbox($database);
        $this->courses = new Courses($database);
    }

    /**
     * Send until nothing is due, or for so many seconds; what is left is the next one's.
     *
     * @throws MailServerGone
     */
    public function run(float $seconds): void
    {
        require_once ABSPATH . WPINC . '/PHPMailer/PHPMailer.php';
        require_once ABSPATH . WPINC . '/PHPMailer/SMTP.php';
        require_once ABSPATH . WPINC . '/PHPMailer/Exception.php';
        $until = microtime(true) + $seconds;
        $this->count(MailState::Unknown, $this->outbox->findAbandoned());
        $this->outbox->enqueueReminders();
        try {
            while (microtime(true) < $until && ($batch = $this->outbox->due(self::BATCH)) !== []) {
                foreach ($batch as $mail) {
                    if (microtime(true) >= $until) {
                        break;
                    }
                    $this->send($mail);
                }
            }
        } finally {
            $this->line?->quit();
        }
    }

    private function send(DueMail $mail): void
    {
        $began = microtime(true);
        $letter = $this->letter($mail);
        if ($letter === null) {
            $this->outbox->drop($mail);
            $this->count(MailState::Dropped);
            return;
        }
        $to = EmailAddress::mailbox($mail->entry->email);
        try {
            $message = $letter->message($this->server, $to, $mail->entry->name);
        } catch (Exception $error) {
            // No mail can be made of it, now or later: it keeps no other from going out.
            $this->count($this->outbox->end($mail, Delivery::refused($error->getMessage())));
            return;
        }
        if ($this->line?->connected() !== true) {
            $this->line = $this->server->connect();
        }
        if (!$this->outbox->begin($mail)) {
            return;
        }
        $this->count($this->outbox->end($mail, Delivery::of($this->line, $this->server->from, $to, $message)));
        // No faster than the server takes them.
        usleep((int) max(0, ($began + 1 / $this->server->perSecond - microtime(true)) * 1_000_000));
    }

    /** @return Letter|null null: its registration or its course is gone, or what it would say is not so any more */
    private function letter(DueMail $mail): ?Letter
    {
        $course = $this->known[$mail->courseId] ??= $this->courses->anyById($mail->courseId);
        if ($course === null || $mail->entry === null || $mail->entry->isErased()) {
            return null;
        }
        $letters = new Letters($course, $mail->entry);
        $message = $mail->message === null ? null : ($this->messages[$mail->message] ??= (new Messages($this->database))->find($mail->message));
        return match ($mail->kind) {
            MailKind::Confirmation => $letters->confirmation(),
            MailKind::Reminder => $course->startsAt !== null && $course->startsAt > $course->now ? $letters->reminder() : null,
            MailKind::Message => $message === null ? null : $letters->message($message),
            MailKind::Queued => $mail->place?->state === PlaceState::Waiting ? $letters->queued() : null,
            MailKind::Offer => $mail->place?->state === PlaceState::Offered ? $letters->offer((int) $mail->place->offeredUntil) : null,
            MailKind::OfferEnded => $mail->place?->state === PlaceState::Expired ? $letters->offerEnded() : null,
            MailKind::Cancelled => $letters->cancelled(),
            MailKind::TakenOff => $mail->place?->state === PlaceState::Left ? $letters->takenOff() : null,
        };
    }

    private function count(MailState $state, int $by = 1): void
    {
        if ($by > 0) {
            $this->counts[$state->value] = ($this->counts[$state->value] ?? 0) + $by;
        }
    }
}
