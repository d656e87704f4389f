<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * Seats, claimed: never more than there are, never two for one person, and the same answer however often one asks.
 *
 * The guarded counter and the unique key on (course, person) decide, in one transaction; nothing before them is trusted.
 */
final class Claims
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @param array<string, string> $answers to the course's fields, by key, tidied and right
     * @param bool $atAnyTime an organiser's: before the opening too, and after the end; never beyond the seats
     * @throws DatabaseError when it is not known what became of the claim; asking again finds out
     */
    public function claim(Course $course, Claimant $claimant, array $answers = [], bool $atAnyTime = false): Claim
    {
        $key = bin2hex($claimant->key($course->onePerEmail));
        $asked = $atAnyTime || $course->state() === State::Open;
        $code = ConfirmationCode::random();
        if ($asked && $this->takeSeat($course, $key, $code, $claimant, $answers, $atAnyTime)) {
            return Claim::confirmed($code, again: false);
        }
        // No seat taken: the person has one already, or there is none to be had.
        $known = $this->database->row(
            "SELECT code FROM {$this->table('claims')} WHERE course_id = ? AND claim_key = UNHEX(?)",
            [$course->id, $key]
        );
        return match (true) {
            $known !== null => Claim::confirmed((string) $known['code'], again: true),
            $asked => Claim::refused($this->stateNow($course)),
            default => Claim::refused($course->state()),
        };
    }

    /** @return list<array{code: string, email: string, claimed_at: int}> oldest first; milliseconds since 1970 */
    public function ledger(Course $course): array
    {
        return array_map(
            static fn (array $row): array => [
                'code' => (string) $row['code'],
                'email' => (string) $row['email'],
                'claimed_at' => (int) $row['claimed_at'],
            ],
            $this->database->rows(
                "SELECT code, email, claimed_at FROM {$this->table('claims')} WHERE course_id = ? ORDER BY id",
                [$course->id]
            )
        );
    }

    /**
     * @param array<string, string> $answers
     * @return bool false when nothing was taken: no seat is left, this person has one, or who counts as one person has
     *     changed since the course was read, so that the key says nothing any more
     */
    private function takeSeat(Course $course, string $key, string $code, Claimant $claimant, array $answers, bool $atAnyTime): bool
    {
        $inTime = $atAnyTime ? '' : ' AND opens_at <= ' . Courses::NOW . ' AND (closes_at IS NULL OR closes_at > ' . Courses::NOW . ')';
        try {
            // The course's row lets one claim after the other through. What is counted is what lies in the ledger, and
            // not what ROW_COUNT() says: when the answer to a statement cannot be delivered, the server goes on with the
            // next one, and ROW_COUNT() is -1 then.
            [$kept] = $this->database->atomically([
                [
                    "INSERT INTO {$this->table('claims')} (course_id, claim_key, code, name, email, answers, claimed_at)
                     SELECT id, UNHEX(?), ?, ?, ?, ?, " . Courses::NOW . " FROM {$this->table('courses')}
                     WHERE id = ? AND taken < seats AND one_per_email = ?$inTime FOR UPDATE",
                    [$key, $code, $claimant->name, $claimant->email, $this->json($answers), $course->id, (int) $course->onePerEmail],
                ],
                [
                    "UPDATE {$this->table('courses')} SET taken = taken + 1
                     WHERE id = ? AND EXISTS (SELECT 1 FROM {$this->table('claims')} WHERE code = ?)",
                    [$course->id, $code],
                ],
            ]);
        } catch (DatabaseError $error) {
            return $error->isDuplicate() ? false : throw $error;
        }
        return $kept === 1;
    }

    /** @throws DatabaseError when there is a seat after all: the course has changed meanwhile, and asking again gets it */
    private function stateNow(Course $course): State
    {
        $state = (new Courses($this->database))->find($course->slug)?->state() ?? State::Ended;
        return $state !== State::Open ? $state : throw new DatabaseError('the course changed while a claim was refused: it has a seat now');
    }

    /** @param array<string, string> $answers */
    private function json(array $answers): ?string
    {
        return $answers === [] ? null : json_encode($answers, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }

    private function table(string $name): string
    {
        return "{$this->database->prefix}floodgate_$name";
    }
}
