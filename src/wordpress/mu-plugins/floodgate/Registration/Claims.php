<?php

declare(strict_types=1);

namespace Floodgate\Registration;

use Floodgate\Mail\MailKind;
use Floodgate\Mail\MailServer;
use Floodgate\Mail\Outbox;

/**
 * Seats, claimed: never more than there are, never two for one person, and the same answer however often one asks.
 *
 * The guarded counter and the unique key on (course, person) decide, in one transaction; nothing before them is trusted.
 */
final class Claims
{
    /** @param string $beside more that is asked of the database with a course, as SQL: ", (SELECT …) AS site" */
    public function __construct(private readonly Database $database, private readonly string $beside = '')
    {
    }

    /**
     * One round trip, as a rule.
     *
     * @param Course $course as it was known before; whether it was open then only says what to try first
     * @param array<string, string> $answers to the course's fields, by key, tidied and right
     * @param bool $atAnyTime an organiser's: before the opening too, and after the end; never beyond the seats
     * @param string $browser what the person's browser has made up for itself; empty: nothing
     * @throws CourseChanged when there is a seat, but the course asks for something else now; nothing has been taken
     * @throws DatabaseError when it is not known what became of the claim; asking again finds out
     */
    public function claim(Course $course, Claimant $claimant, array $answers = [], bool $atAnyTime = false, string $browser = ''): Claim
    {
        $key = bin2hex($claimant->key($course->onePerEmail));
        $code = ConfirmationCode::random();
        $own = self::hidden($browser);
        $look = $this->look($course, $key, $own);
        $mail = MailServer::isSet() ? MailKind::Confirmation->kept() : null;
        $row = $atAnyTime || $course->state() === State::Open
            ? (new SeatRoutine($this->database))->take($course, $key, $code, $claimant, self::json($answers), $atAnyTime, $mail, $own, $look)[0] ?? null
            : $this->database->row(...$look);
        if ($row === null) {
            return Claim::refused(null, State::Ended);
        }
        $now = Course::fromRow($row);
        return match (true) {
            $row['code'] !== null => Claim::confirmed($row, $row['code'], again: $row['code'] !== $code, isOwn: (bool) $row['own']),
            $now->state() !== State::Open => Claim::refused($row, $now->state()),
            default => throw new CourseChanged('the course changed while a claim was refused: it has a seat now'),
        };
    }

    /**
     * The seat that this person has, whatever the course's state; nothing is taken. One round trip.
     *
     * @param Course $course as it was known before
     * @param string $browser as in claim()
     * @return Claim confirmed, or refused by what the course is now: where it is open, ask with claim()
     * @throws CourseChanged when who is one person is not any more as $course has it
     */
    public function find(Course $course, Claimant $claimant, string $browser = ''): Claim
    {
        $row = $this->database->row(...$this->look($course, bin2hex($claimant->key($course->onePerEmail)), self::hidden($browser)));
        if ($row === null) {
            return Claim::refused(null, State::Ended);
        }
        $now = Course::fromRow($row);
        return match (true) {
            $now->onePerEmail !== $course->onePerEmail => throw new CourseChanged('who is one person changed while a seat was looked for'),
            $row['code'] !== null => Claim::confirmed($row, $row['code'], again: true, isOwn: (bool) $row['own']),
            default => Claim::refused($row, $now->state()),
        };
    }

    /** Send the code to the person again, at most once in some minutes. */
    public function send(string $code): void
    {
        (new Outbox($this->database))->askedAgain($code);
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
     * The course as it is, the code of the person with this key, and whether it was this browser that got it.
     *
     * @return array{string, list<int|string|null>} a statement with its arguments
     */
    private function look(Course $course, string $key, ?string $own): array
    {
        return [
            'SELECT ' . Courses::columnsOf('course') . ', ' . Courses::NOW . " AS now$this->beside, c.code, c.browser = UNHEX(?) AS own
             FROM {$this->table('courses')} course LEFT JOIN {$this->table('claims')} c ON c.course_id = course.id AND c.claim_key = UNHEX(?)
             WHERE course.id = ?",
            [$own, $key, $course->id],
        ];
    }

    /** What is kept of what a browser has made up: nobody who reads the table can say it. */
    private static function hidden(string $browser): ?string
    {
        return $browser === '' ? null : hash('sha256', $browser);
    }

    /** Answers as the tables have them. @param array<string, string> $answers */
    public static function json(array $answers): ?string
    {
        return $answers === [] ? null : json_encode($answers, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }

    private function table(string $name): string
    {
        return "{$this->database->prefix}floodgate_$name";
    }
}
