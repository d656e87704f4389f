<?php

declare(strict_types=1);

namespace Floodgate\Registration;

use Floodgate\Mail\MailKind;
use Floodgate\Mail\MailServer;
use Floodgate\Mail\Outbox;

/**
 * Names, addresses and answers, mended by an organiser in a seat or in a place on the waiting list. The seat, its code and
 * the place stay; one person still has one of them.
 */
final class Corrections
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param LedgerPart $part where the line is: Registered or Waiting
     * @param array<string, string> $answers those that change, by key, tidied and right; the others are kept
     */
    public function correct(Course $course, LedgerPart $part, int $id, Claimant $claimant, array $answers): CorrectionResult
    {
        $result = CorrectionResult::Gone;
        $this->database->transaction(function () use ($course, $part, $id, $claimant, $answers, &$result): ?true {
            // The course before the line, as claiming locks them.
            $now = $this->database->row("SELECT one_per_email FROM {$this->database->prefix}floodgate_courses WHERE id = ? FOR UPDATE", [$course->id]);
            $row = $this->database->row("SELECT * FROM {$this->table($part)} WHERE id = ? AND course_id = ? FOR UPDATE", [$id, $course->id]);
            $place = $row === null || $part !== LedgerPart::Waiting ? null : Place::fromRow($row);
            if ($now === null || $row === null || $row['email'] === '' || $place?->state->stands() === false) {
                $result = CorrectionResult::Gone;
                return null;
            }
            $key = bin2hex($claimant->key((bool) $now['one_per_email']));
            if ($this->isSomebodyElses($course->id, $part, $id, $key)) {
                $result = CorrectionResult::SomebodyElses;
                return null;
            }
            $isReaddressed = $row['email'] !== $claimant->email;
            // The mail's link names the line by its moment: the one that went to another address ends with that.
            $this->database->write(
                "UPDATE {$this->table($part)} SET claim_key = UNHEX(?), name = ?, email = ?, answers = ?, claimed_at = claimed_at + ? WHERE id = ?",
                [$key, $claimant->name, $claimant->email, Claims::json(array_replace(Entry::fromRow($row)->answers, $answers)), (int) $isReaddressed, $id]
            );
            $result = $isReaddressed ? CorrectionResult::Readdressed : CorrectionResult::Done;
            if ($isReaddressed && MailServer::isSet()) {
                (new Outbox($this->database))->readdress((string) $row['code'], match ($place?->state) {
                    null => MailKind::Confirmation,
                    PlaceState::Offered => MailKind::Offer,
                    default => MailKind::Queued,
                }, $part);
            }
            return true;
        });
        return $result;
    }

    /** Has another line this key? One of the waiting list that does not stand any more makes way. */
    private function isSomebodyElses(int $courseId, LedgerPart $part, int $id, string $key): bool
    {
        $isThere = fn (LedgerPart $where, string $which = ''): bool => $this->database->row(
            "SELECT id FROM {$this->table($where)} WHERE course_id = ? AND claim_key = UNHEX(?) AND NOT (id = ? AND ?) $which",
            [$courseId, $key, $id, (int) ($where === $part)]
        ) !== null;
        if ($isThere(LedgerPart::Registered)) {
            return true;
        }
        if ($part === LedgerPart::Registered) {
            return false; // who waits under this key has a seat now, and leaves the list with the next minute
        }
        $standing = "AND state IN ('" . PlaceState::Waiting->value . "', '" . PlaceState::Offered->value . "')";
        if ($isThere(LedgerPart::Waiting, $standing)) {
            return true;
        }
        $this->database->write("DELETE FROM {$this->table($part)} WHERE course_id = ? AND claim_key = UNHEX(?) AND id <> ?", [$courseId, $key, $id]);
        return false;
    }

    private function table(LedgerPart $part): string
    {
        return $part->table($this->database->prefix);
    }
}
