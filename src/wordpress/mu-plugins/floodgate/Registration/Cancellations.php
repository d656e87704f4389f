<?php

declare(strict_types=1);

namespace Floodgate\Registration;

use Floodgate\Mail\MailKind;
use Floodgate\Mail\Outbox;

/** Seats given back. What was cancelled is kept, with who did it and when; the seat is free for anybody at once. */
final class Cancellations
{
    /** Instead of a user. */
    public const BY_THE_PERSON = 0;
    private const COPIED = 'course_id, claim_key, code, name, email, answers, claimed_at';

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param bool $tells is the person to get a mail about it, where the site sends mails?
     * @return bool false when there is no such registration (any more): two people may have cancelled it at once
     */
    public function cancel(Course $course, int $claimId, int $userId, bool $tells): bool
    {
        $prefix = $this->database->prefix;
        $copied = self::COPIED;
        return (bool) $this->database->transaction(function () use ($prefix, $copied, $course, $claimId, $userId, $tells): ?bool {
            // The course before the claim, as claiming locks them: the two never wait for each other in a circle.
            $this->database->row("SELECT id FROM {$prefix}floodgate_courses WHERE id = ? FOR UPDATE", [$course->id]);
            $kept = $this->database->write(
                "INSERT INTO {$prefix}floodgate_cancellations ($copied, cancelled_at, cancelled_by)
                 SELECT $copied, " . Courses::NOW . ", ? FROM {$prefix}floodgate_claims WHERE course_id = ? AND id = ? FOR UPDATE",
                [$userId, $course->id, $claimId]
            );
            if ($kept === 0) {
                return null;
            }
            if ($tells) {
                Outbox::tell($this->database, MailKind::Cancelled, "WHERE c.id = LAST_INSERT_ID() AND c.email <> ''", [], LedgerPart::Cancelled);
            }
            $this->database->write("DELETE FROM {$prefix}floodgate_claims WHERE id = ?", [$claimId]);
            $this->database->write("UPDATE {$prefix}floodgate_courses SET taken = taken - 1 WHERE id = ?", [$course->id]);
            return true;
        });
    }
}
