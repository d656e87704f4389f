<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claims;
use Floodgate\Registration\CourseChanged;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\WaitingList;
use Floodgate\Site\LostConnection;

/**
 * A claim from request to answer, without WordPress, in two round trips: one takes up the connection of this process, one
 * carries out the claim by what this container remembers of the course. What it does not know, or not any more, is a third.
 */
final class LeanClaim
{
    private const PATH = '#^/floodgate/claim/(?<slug>[a-z0-9-]{1,64})/$#D';

    public static function answer(): void
    {
        $path = LeanSite::path();
        $accept = (string) ($_SERVER['HTTP_ACCEPT'] ?? '');
        if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
            http_response_code(405);
            header('Allow: POST');
            return;
        }
        $database = null;
        try {
            $database = LeanSite::connect();
            $answer = preg_match(self::PATH, $path, $match) === 1 ? self::claim($database, $match['slug']) : null;
            if ($answer === null) {
                // The course's page, which is not there either, says so in the site's own look.
                http_response_code(303);
                header('Location: /register/' . ($match['slug'] ?? '-') . '/');
                return;
            }
            $answer->send($accept);
        } catch (DatabaseError $error) {
            $database?->abandon();
            // What became of the claim is not known; the waiting page asks the person to send it again, which finds out.
            error_log("floodgate: claim: {$error->getMessage()}");
            LostConnection::answer();
        }
    }

    /** @return ClaimAnswer|null null where there is no such course */
    private static function claim(Database $database, string $slug): ?ClaimAnswer
    {
        $known = CourseMemory::recall($slug);
        $beside = CourseMemory::knowsSite($known) ? '' : LeanSite::options();
        $handler = new ClaimHandler(new Claims($database, $beside), new WaitingList($database), new FormToken((string) getenv('WP_SALT')));
        if ($known !== null) {
            try {
                $answer = $handler->handle(LeanSite::course($known), $_POST);
                if ($answer->row !== null) {
                    return self::remembered($answer, $known);
                }
            } catch (CourseChanged) {
                // By what it is now, then.
            }
            // A form that is not right may be right by what the course is now.
        }
        $row = $database->row(
            'SELECT ' . Courses::COLUMNS . ', ' . Courses::NOW . ' AS now' . LeanSite::options() . " FROM {$database->prefix}floodgate_courses WHERE slug = ? AND is_draft = 0",
            [$slug]
        );
        if ($row === null) {
            CourseMemory::forget($slug);
            return null;
        }
        $known = CourseMemory::keep($row, $known);
        return self::remembered($handler->handle(LeanSite::course($known), $_POST), $known);
    }

    /** @param array<string, string|null> $known */
    private static function remembered(ClaimAnswer $answer, array $known): ClaimAnswer
    {
        if ($answer->row !== null) {
            LeanSite::course(CourseMemory::keep($answer->row, $known));
        }
        return $answer;
    }
}
