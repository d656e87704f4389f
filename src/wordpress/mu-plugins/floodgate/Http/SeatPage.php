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
use Floodgate\Registration\PlaceState;
use Floodgate\Registration\SeatLink;
use Floodgate\Registration\WaitingList;
use Floodgate\Site\LostConnection;

/**
 * The ticket or the place on a waiting list that a signed link shows: to look changes nothing, a button does. What gives
 * something back asks first.
 */
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
            $link['isPlace'] ? self::showPlace($database, $path, $link['id'], $link['at']) : self::show($database, $path, $link['id'], $link['at']);
        } catch (DatabaseError $error) {
            $database?->abandon();
            error_log("floodgate: seat: {$error->getMessage()}");
            LostConnection::answer();
        }
    }

    /** @param bool $looks nothing is given back, whatever the request is */
    private static function show(Database $database, string $path, int $id, int $claimedAt, bool $looks = false): void
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
            self::toCourse($path);
            return;
        }
        $course = LeanSite::course($row);
        $entry = Entry::fromRow(['id' => $row['claim_id']] + $row);
        if (!$looks && self::isAsked()) {
            Page::send(200, Outcome::GiveBack, $course, ['giveBack' => $path]);
            return;
        }
        if (!$looks && ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
            (new Cancellations($database))->cancel($course, $entry->id, Cancellations::BY_THE_PERSON, tells: true);
            Page::send(200, Outcome::Cancelled, $course, []);
            return;
        }
        Page::send(200, Outcome::Confirmed, $course, [
            'claimant' => Claimant::kept($entry->name, $entry->email),
            'code' => ConfirmationCode::grouped($entry->code),
            'giveBack' => $path,
        ]);
    }

    private static function showPlace(Database $database, string $path, int $id, int $queuedAt): void
    {
        $waiting = new WaitingList($database);
        $look = static fn (): ?array => $database->row(
            'SELECT ' . Courses::columnsOf('course') . ', ' . Courses::NOW . ' AS now' . LeanSite::options() . ",
                 q.code, q.state
             FROM {$database->prefix}floodgate_queue q JOIN {$database->prefix}floodgate_courses course ON course.id = q.course_id
             WHERE q.id = ? AND q.claimed_at = ?",
            [$id, $queuedAt]
        );
        $row = $look();
        if ($row === null) {
            // The course is gone, or the person has put themselves on the list again, with another link.
            self::toCourse($path);
            return;
        }
        $course = LeanSite::course($row);
        if (self::isAsked() && PlaceState::from((string) $row['state'])->stands()) {
            Page::send(200, Outcome::GiveBack, $course, ['giveBack' => $path, 'place' => $waiting->places([$id])[$id]]);
            return;
        }
        if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST' && !self::isAsked()) {
            ($_POST['do'] ?? '') === 'take' ? $waiting->take($course, $id) : $waiting->leave($course, $id, tells: false);
            $course = LeanSite::course($row = $look() ?? $row);
        }
        if ($row['state'] === PlaceState::Taken->value) {
            $claim = $database->row("SELECT id, claimed_at FROM {$database->prefix}floodgate_claims WHERE code = ?", [$row['code']]);
            if ($claim === null) {
                self::toCourse($path); // given back since
                return;
            }
            $seat = (new SeatLink((string) getenv('WP_SALT')))->path($course->slug, (int) $claim['id'], (int) $claim['claimed_at']);
            self::show($database, $seat, (int) $claim['id'], (int) $claim['claimed_at'], looks: true);
            return;
        }
        [$id => $place] = $waiting->places([$id]);
        Page::send(200, Outcome::Queued, $course, ['place' => $place, 'link' => $path]);
    }

    /** Was a button pressed that gives something back? It is asked for once more, and nothing has been done. */
    private static function isAsked(): bool
    {
        return isset($_POST['ask']);
    }

    private static function toCourse(string $path): void
    {
        http_response_code(303);
        header('Location: /register/' . explode('/', $path)[3] . '/');
    }
}
