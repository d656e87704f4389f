<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claims;
use Floodgate\Registration\Course;
use Floodgate\Registration\CourseChanged;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Registration\FormToken;

/**
 * A claim from request to answer, without WordPress, in two round trips: one takes up the connection of this process, one
 * carries out the claim by what this container remembers of the course. What it does not know, or not any more, is a third.
 */
final class LeanClaim
{
    private const PATH = '#^/floodgate/claim/(?<slug>[a-z0-9-]{1,64})/$#D';
    private const PREFIX = 'wp_'; // as in wp-config.php
    public static function answer(): void
    {
        $path = rawurldecode((string) strtok((string) ($_SERVER['REQUEST_URI'] ?? ''), '?'));
        $accept = (string) ($_SERVER['HTTP_ACCEPT'] ?? '');
        if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
            http_response_code(405);
            header('Allow: POST');
            return;
        }
        $database = null;
        try {
            $database = self::connect();
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
            http_response_code(503);
            header('X-Accel-Redirect: /.floodgate/shed');
        }
    }

    /** @return ClaimAnswer|null null where there is no such course */
    private static function claim(Database $database, string $slug): ?ClaimAnswer
    {
        $handler = new ClaimHandler(new Claims($database, self::site()), new FormToken((string) getenv('WP_SALT')));
        $known = CourseMemory::recall($slug);
        if ($known !== null) {
            try {
                $answer = $handler->handle(self::course($known), $_POST);
                if ($answer->row !== null) {
                    return self::remembered($answer, $known);
                }
            } catch (CourseChanged) {
                // By what it is now, then.
            }
            // A form that is not right may be right by what the course is now.
        }
        $row = $database->row(
            'SELECT ' . Courses::COLUMNS . ', ' . Courses::NOW . ' AS now' . self::site() . " FROM {$database->prefix}floodgate_courses WHERE slug = ?",
            [$slug]
        );
        if ($row === null) {
            CourseMemory::forget($slug);
            return null;
        }
        CourseMemory::keep($row, $known);
        return self::remembered($handler->handle(self::course($row), $_POST), $row);
    }

    /** @param array<string, string|null> $known */
    private static function remembered(ClaimAnswer $answer, array $known): ClaimAnswer
    {
        if ($answer->row !== null) {
            CourseMemory::keep($answer->row, $known);
            self::course($answer->row);
        }
        return $answer;
    }

    /** What is asked of the database beside a course: the site's options, as SQL. */
    public static function site(): string
    {
        return ', (SELECT JSON_OBJECTAGG(option_name, option_value) FROM ' . self::PREFIX . "options
            WHERE option_name IN ('" . implode("', '", SiteInfo::OPTIONS) . "')) AS site";
    }

    /**
     * The course; and from now on Text speaks for the site that it belongs to.
     *
     * @param array<string, string|null> $row
     */
    public static function course(array $row): Course
    {
        $options = json_decode((string) $row['site'], true, 2, JSON_THROW_ON_ERROR);
        Text::speakFor(SiteInfo::fromOptions($options, (string) getenv('SITE_URL')));
        return Course::fromRow($row);
    }

    /** @throws DatabaseError */
    public static function connect(): Database
    {
        $get = static fn (string $name): string => (string) getenv($name);
        return Database::ofProcess(
            $get('DB_HOST'),
            (int) $get('DB_PORT'),
            $get('DB_USER'),
            $get('DB_PASSWORD'),
            $get('DB_NAME'),
            self::PREFIX
        );
    }
}
