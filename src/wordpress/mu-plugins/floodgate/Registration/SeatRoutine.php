<?php

declare(strict_types=1);

namespace Floodgate\Registration;

use Floodgate\Mail\Outbox;

/**
 * The transaction that takes a seat, as a routine of the database: parsed once for each connection, and what it locks is
 * locked while it runs. The same statements sent as text cost the database more than twice as much.
 *
 * Its name changes with its text, so tasks of two versions call each their own. One that is not there yet, or not any more
 * because a copy of the database came without routines, is made by whoever misses it.
 */
final class SeatRoutine
{
    private const NAME = 'floodgate_take_seat_';
    /** What a text means shall not depend on who made the routine: WordPress's connection would cut what is too long. */
    private const MODE = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';

    public function __construct(private readonly Database $database)
    {
    }

    /** So that nobody's claim has to. @throws DatabaseError */
    public function make(): void
    {
        $kept = $this->database->row('SELECT @@sql_mode AS mode')['mode'];
        $this->database->write('SET SESSION sql_mode = ?', [self::MODE]);
        try {
            $this->database->write("CREATE PROCEDURE {$this->name()} {$this->text()}");
        } catch (DatabaseError $error) {
            if (!$error->isExistingRoutine()) {
                throw $error;
            }
        } finally {
            $this->database->write('SET SESSION sql_mode = ?', [$kept]);
        }
    }

    /**
     * Take a seat, if one is left, the time is right, and the course asks for what $course asks for; then look, in the same
     * round trip. Nothing is taken for somebody who has a seat.
     *
     * @param string $key in hexadecimal
     * @param string|null $answers as they are kept
     * @param string|null $mail kind of the mail that is put in with it; null: none
     * @param string|null $own hash of what the browser has made up for itself, in hexadecimal; null: nothing
     * @param array{string, list<int|string|null>} $look a statement with its arguments
     * @return list<array<string, int|float|string|null>> what $look finds
     * @throws DatabaseError
     */
    public function take(
        Course $course,
        string $key,
        string $code,
        Claimant $claimant,
        ?string $answers,
        bool $atAnyTime,
        ?string $mail,
        ?string $own,
        array $look
    ): array {
        $call = ["CALL {$this->name()}(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [
            $course->id, $key, $code, $claimant->name, $claimant->email, $answers,
            (int) $course->onePerEmail, $course->fieldsAsKept, (int) $atAnyTime, $mail, $own,
        ]];
        try {
            return $this->database->together($call, $look)->rows;
        } catch (DatabaseError $error) {
            if (!$error->isMissingRoutine()) {
                throw $error;
            }
            $this->make();
            return $this->database->together($call, $look)->rows;
        }
    }

    private function name(): string
    {
        return $this->database->prefix . self::NAME . hash('xxh64', $this->text());
    }

    /** The course's row lets one claim after the other through; the unique key refuses a person's second seat. */
    private function text(): string
    {
        $prefix = $this->database->prefix;
        $now = Courses::NOW;
        $outbox = Outbox::table($this->database);
        return "(
                IN the_course BIGINT UNSIGNED, IN the_key CHAR(64) CHARACTER SET ascii, IN the_code CHAR(12) CHARACTER SET ascii,
                IN the_name TEXT CHARACTER SET utf8mb4, IN the_email TEXT CHARACTER SET utf8mb4,
                IN the_answers MEDIUMTEXT CHARACTER SET utf8mb4, IN is_one_per_email TINYINT,
                IN the_fields MEDIUMTEXT CHARACTER SET utf8mb4, IN at_any_time TINYINT, IN the_mail VARCHAR(32) CHARACTER SET ascii,
                IN the_browser CHAR(64) CHARACTER SET ascii
            )
            SQL SECURITY INVOKER
            BEGIN
                DECLARE moment BIGINT UNSIGNED DEFAULT $now;
                DECLARE EXIT HANDLER FOR 1062 ROLLBACK;
                SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
                START TRANSACTION;
                UPDATE {$prefix}floodgate_courses SET taken = taken + 1
                    WHERE id = the_course AND taken + held < seats AND queued = 0
                        AND one_per_email = is_one_per_email AND CAST(fields AS BINARY) <=> CAST(the_fields AS BINARY)
                        AND (at_any_time OR (is_draft = 0 AND opens_at <= moment AND (closes_at IS NULL OR closes_at > moment)));
                IF ROW_COUNT() = 1 THEN
                    INSERT INTO {$prefix}floodgate_claims (course_id, claim_key, code, name, email, answers, claimed_at, browser)
                        VALUES (the_course, UNHEX(the_key), the_code, the_name, the_email, the_answers, moment, UNHEX(the_browser));
                    IF the_mail IS NOT NULL THEN
                        INSERT INTO $outbox (course_id, code, kind, queued_at, due_at)
                            VALUES (the_course, the_code, the_mail, moment, moment);
                    END IF;
                END IF;
                COMMIT;
            END";
    }
}
