<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Cancellations;
use Floodgate\Registration\Claimant;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Outcome;
use Floodgate\Registration\SeatLink;
use Floodgate\Site\LostConnection;

/** The ticket that a signed link shows, and the seat given back by it: to look changes nothing, a button does. */
final class SeatPage
{
    public static function answer(): void
    {
        $path = LeanSite::path();
        $link = (new SeatLink((string) getenv('WP_SALT')))->read($path);
        if ($link === null) {
            http_response_code(404);
            return;
        }
        header('Cache-Control: no-store');
        header('Referrer-Policy: no-referrer');
        header('X-Robots-Tag: noindex');
        $database = null;
        try {
            $database = LeanSite::connect();
            self::show($database, $path, $link['id'], $link['claimedAt']);
        } catch (DatabaseError $error) {
            $database?->abandon();
            error_log("floodgate: seat: {$error->getMessage()}");
            LostConnection::answer();
        }
    }

    private static function show(Database $database, string $path, int $id, int $claimedAt): void
    {
        $row = $database->row(
            'SELECT ' . Courses::columnsOf('course') . ', ' . Courses::NOW . ' AS now' . LeanSite::options() . ",
                 c.id AS claim_id, c.course_id, c.code, c.name, c.email, c.answers, c.claimed_at
             FROM {$database->prefix}floodgate_claims c JOIN {$database->prefix}floodgate_courses course ON course.id = c.course_id
             WHERE c.id = ? AND c.claimed_at = ?",
            [$id, $claimedAt]
        );
        if ($row === null) {
            // Cancelled before, or with its course: the link is right, and nothing is left to give back.
            http_response_code(303);
            header('Location: /register/' . explode('/', $path)[3] . '/');
            return;
        }
        $course = LeanSite::course($row);
        $entry = Entry::fromRow(['id' => $row['claim_id']] + $row);
        if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
            (new Cancellations($database))->cancel($course, $entry->id, Cancellations::BY_THE_PERSON);
            Page::send(200, Outcome::Cancelled, $course, []);
            return;
        }
        Page::send(200, Outcome::Confirmed, $course, [
            'claimant' => Claimant::kept($entry->name, $entry->email),
            'code' => ConfirmationCode::grouped($entry->code),
            'giveBack' => $path,
        ]);
    }
}
