<?php

declare(strict_types=1);

namespace Floodgate\Registration;

use Floodgate\Mail\MailKind;
use Floodgate\Mail\MailServer;
use Floodgate\Mail\Outbox;

/**
 * Who would like a seat that is given back. Seats that become free are offered in the order in which people came, each
 * for a while; a seat that is offered is nobody else's meanwhile, and as long as somebody waits no seat is sold past them.
 *
 * Whatever changes a place locks the course's row first, as a claim does, so the order of places is the order of commits
 * and the course's two counters (people waiting, seats held by offers) are always what the list says.
 */
final class WaitingList
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Take the place at the end. Nothing is done where the person has a place or a seat, where the course has no waiting
     * list, or a seat for everybody. One round trip.
     *
     * @param Course $course as it was known before
     * @param array<string, string> $answers to the course's fields, by key, tidied and right
     * @throws CourseChanged when there is a seat, or the course asks for something else now; no place has been taken
     */
    public function join(Course $course, Claimant $claimant, array $answers): Place
    {
        $key = bin2hex($claimant->key($course->onePerEmail));
        $code = ConfirmationCode::random();
        $courses = $this->table('courses');
        $queue = $this->table('queue');
        $claims = $this->table('claims');
        $now = Courses::NOW;
        $results = $this->database->atomically([
            ["SELECT id FROM $courses WHERE id = ? FOR UPDATE", [$course->id]],
            // A place that was given up, or whose offer passed, is no place: the person stands at the end again.
            [
                "DELETE FROM $queue WHERE course_id = ? AND claim_key = UNHEX(?) AND state NOT IN (?, ?)",
                [$course->id, $key, PlaceState::Waiting->value, PlaceState::Offered->value],
            ],
            [
                "INSERT INTO $queue (course_id, claim_key, code, name, email, answers, claimed_at)
                 SELECT id, UNHEX(?), ?, ?, ?, ?, $now FROM $courses course
                 WHERE id = ? AND waiting_list = 1 AND (taken + held >= seats OR queued > 0)
                     AND one_per_email = ? AND CAST(fields AS BINARY) <=> ?
                     AND opens_at <= $now AND (closes_at IS NULL OR closes_at > $now)
                     AND NOT EXISTS (SELECT 1 FROM $claims WHERE course_id = course.id AND claim_key = UNHEX(?))
                     AND NOT EXISTS (SELECT 1 FROM $queue WHERE course_id = course.id AND claim_key = UNHEX(?))",
                [
                    $key, $code, $claimant->name, $claimant->email, Claims::json($answers),
                    $course->id, (int) $course->onePerEmail, $course->fieldsAsKept, $key, $key,
                ],
            ],
            ["UPDATE $courses SET queued = queued + 1 WHERE id = ? AND EXISTS (SELECT 1 FROM $queue WHERE code = ?)", [$course->id, $code]],
            ...(MailServer::isSet() ? [Outbox::enqueue($this->database, MailKind::Queued->kept(), 'WHERE c.code = ?', [$code], LedgerPart::Waiting)] : []),
        ], $this->look('q.course_id = ? AND q.claim_key = UNHEX(?)', [$course->id, $key]));
        $row = end($results)->rows[0] ?? null;
        return $row !== null ? Place::fromRow($row) : throw new CourseChanged('the course changed while somebody queued: it has a seat now, or no waiting list');
    }

    /** The place that this person has; null: none. */
    public function of(Course $course, Claimant $claimant): ?Place
    {
        $row = $this->database->row(...$this->look(
            'q.course_id = ? AND q.claim_key = UNHEX(?)',
            [$course->id, bin2hex($claimant->key($course->onePerEmail))]
        ));
        $place = $row === null ? null : Place::fromRow($row);
        return $place?->state->stands() ? $place : null;
    }

    /**
     * Places of the list, by their lines' id. One round trip.
     *
     * @param list<int> $ids
     * @return array<int, Place>
     */
    public function places(array $ids): array
    {
        if ($ids === []) {
            return [];
        }
        $rows = $this->database->rows(...$this->look('q.id IN (' . implode(', ', array_fill(0, count($ids), '?')) . ')', $ids));
        return array_map(Place::fromRow(...), array_column($rows, null, 'id'));
    }

    /**
     * Take the seat that is offered.
     *
     * @return bool whether it is the person's now; false: the offer's time has passed, or there is none (any more)
     */
    public function take(Course $course, int $placeId): bool
    {
        return (bool) $this->database->transaction(function () use ($course, $placeId): ?true {
            $this->lock($course->id);
            $claimed = $this->database->write(
                "INSERT INTO {$this->table('claims')} (course_id, claim_key, code, name, email, answers, claimed_at)
                 SELECT course_id, claim_key, code, name, email, answers, " . Courses::NOW . " FROM {$this->table('queue')} q
                 WHERE id = ? AND course_id = ? AND state = ? AND offered_until > " . Courses::NOW . "
                     AND NOT EXISTS (SELECT 1 FROM {$this->table('claims')} c WHERE c.course_id = q.course_id AND c.claim_key = q.claim_key)",
                [$placeId, $course->id, PlaceState::Offered->value]
            );
            if ($claimed === 0) {
                return null;
            }
            $this->database->write("UPDATE {$this->table('queue')} SET state = ? WHERE id = ?", [PlaceState::Taken->value, $placeId]);
            $this->database->write("UPDATE {$this->table('courses')} SET taken = taken + 1, held = held - 1 WHERE id = ?", [$course->id]);
            Outbox::tell(
                $this->database,
                MailKind::Confirmation,
                "WHERE c.code = (SELECT code FROM {$this->table('queue')} WHERE id = ?)",
                [$placeId],
                LedgerPart::Registered
            );
            return true;
        });
    }

    /**
     * Give a place up, and the seat that was offered with it.
     *
     * @param bool $tells is the person to get a mail about it, where the site sends mails?
     * @return bool false when there is no such place (any more)
     */
    public function leave(Course $course, int $placeId, bool $tells): bool
    {
        return (bool) $this->database->transaction(function () use ($course, $placeId, $tells): ?true {
            $this->lock($course->id);
            $row = $this->database->row("SELECT state FROM {$this->table('queue')} WHERE id = ? AND course_id = ?", [$placeId, $course->id]);
            $state = PlaceState::tryFrom((string) ($row['state'] ?? ''));
            if (!$state?->stands()) {
                return null;
            }
            $counter = $state === PlaceState::Offered ? 'held' : 'queued';
            $this->database->write("UPDATE {$this->table('queue')} SET state = ? WHERE id = ?", [PlaceState::Left->value, $placeId]);
            $this->database->write("UPDATE {$this->table('courses')} SET $counter = $counter - 1 WHERE id = ?", [$course->id]);
            if ($tells) {
                Outbox::tell($this->database, MailKind::TakenOff, "WHERE c.id = ? AND c.email <> ''", [$placeId], LedgerPart::Waiting);
            }
            return true;
        });
    }

    /**
     * Move every list on: offers whose time passed end, and seats that are free are offered to who is next. Called each
     * minute; as often as one likes does no harm.
     *
     * @return array<string, int> places by the state that they came to; states that none came to are left out
     */
    public function advance(): array
    {
        $counts = [];
        foreach (array_column($this->database->rows("SELECT id FROM {$this->table('courses')} WHERE queued > 0 OR held > 0"), 'id') as $id) {
            $moved = $this->database->transaction(fn (): array => $this->advanceOne((int) $id)) ?? [];
            foreach (array_filter($moved) as $state => $count) {
                $counts[$state] = ($counts[$state] ?? 0) + $count;
            }
        }
        return $counts;
    }

    /** @return array<string, int> places by the state that they came to */
    private function advanceOne(int $courseId): array
    {
        $course = $this->lock($courseId);
        if ($course === null) {
            return [];
        }
        $queue = $this->table('queue');
        // Who got a seat otherwise needs none that is offered; who asked to be forgotten can take none.
        $left = $this->database->write(
            "UPDATE $queue q SET state = ? WHERE course_id = ? AND state IN (?, ?) AND (email = ''
                 OR EXISTS (SELECT 1 FROM {$this->table('claims')} c WHERE c.course_id = q.course_id AND c.claim_key = q.claim_key))",
            [PlaceState::Left->value, $courseId, PlaceState::Waiting->value, PlaceState::Offered->value]
        );
        $expired = $this->move($courseId, PlaceState::Offered, PlaceState::Expired, MailKind::OfferEnded, 'offered_until <= ?', [$course->now]);
        $count = fn (PlaceState $state): int => (int) $this->database->row(
            "SELECT COUNT(*) AS n FROM $queue WHERE course_id = ? AND state = ?",
            [$courseId, $state->value]
        )['n'];
        $free = $course->seats - $course->taken - $count(PlaceState::Offered);
        // A seat is worth something until the course begins; where nobody has said when, until registration ends.
        $end = $course->startsAt ?? $course->closesAt ?? PHP_INT_MAX;
        $offered = $free <= 0 || $course->now >= $end ? 0 : $this->move(
            $courseId,
            PlaceState::Waiting,
            PlaceState::Offered,
            MailKind::Offer,
            "id <= (SELECT MAX(id) FROM (SELECT id FROM $queue WHERE course_id = ? AND state = ? ORDER BY id LIMIT ?) next_ones)",
            [$courseId, PlaceState::Waiting->value, $free],
            min($end, $course->now + $course->offerMinutes * 60_000)
        );
        $this->database->write(
            "UPDATE {$this->table('courses')} SET held = ?, queued = ? WHERE id = ?",
            [$count(PlaceState::Offered), $count(PlaceState::Waiting), $courseId]
        );
        return [PlaceState::Left->value => $left, PlaceState::Expired->value => $expired, PlaceState::Offered->value => $offered];
    }

    /**
     * @param string $which as SQL
     * @param list<int|string> $arguments of $which
     * @return int how many places
     */
    private function move(int $courseId, PlaceState $from, PlaceState $to, MailKind $told, string $which, array $arguments, ?int $until = null): int
    {
        $queue = $this->table('queue');
        $ids = array_map(intval(...), array_column($this->database->rows(
            "SELECT id FROM $queue WHERE course_id = ? AND state = ? AND $which",
            [$courseId, $from->value, ...$arguments]
        ), 'id'));
        if ($ids === []) {
            return 0;
        }
        $marks = implode(', ', array_fill(0, count($ids), '?'));
        $this->database->write("UPDATE $queue SET state = ?, offered_until = COALESCE(?, offered_until) WHERE id IN ($marks)", [$to->value, $until, ...$ids]);
        Outbox::tell($this->database, $told, "WHERE c.id IN ($marks)", $ids, LedgerPart::Waiting);
        return count($ids);
    }

    private function lock(int $courseId): ?Course
    {
        $row = $this->database->row(
            'SELECT ' . Courses::COLUMNS . ', ' . Courses::NOW . " AS now FROM {$this->table('courses')} WHERE id = ? FOR UPDATE",
            [$courseId]
        );
        return $row === null ? null : Course::fromRow($row);
    }

    /**
     * @param list<int|string> $arguments
     * @return array{string, list<int|string>} a statement with its arguments
     */
    private function look(string $which, array $arguments): array
    {
        return [
            "SELECT q.id, q.claimed_at, q.state, q.offered_until,
                 (SELECT COUNT(*) FROM {$this->table('queue')} before_it WHERE before_it.course_id = q.course_id
                     AND before_it.state = 'waiting' AND before_it.id <= q.id) AS position
             FROM {$this->table('queue')} q WHERE $which",
            $arguments,
        ];
    }

    private function table(string $name): string
    {
        return "{$this->database->prefix}floodgate_$name";
    }
}
