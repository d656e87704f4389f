<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claims;
use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Registration\FormToken;

/** A claim from request to answer, without WordPress: one query for the course and the site, and the claim itself. */
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
            $course = preg_match(self::PATH, $path, $match) === 1 ? self::find($database, $match['slug']) : null;
            if ($course === null) {
                // The course's page, which is not there either, says so in the site's own look.
                http_response_code(303);
                header('Location: /register/' . ($match['slug'] ?? '-') . '/');
                return;
            }
            $handler = new ClaimHandler(new Claims($database), new FormToken((string) getenv('WP_SALT')));
            $handler->handle($course, $_POST)->send($accept);
        } catch (DatabaseError $error) {
            $database?->abandon();
            // What became of the claim is not known; the waiting page asks the person to send it again, which finds out.
            error_log("floodgate: claim: {$error->getMessage()}");
            http_response_code(503);
            header('X-Accel-Redirect: /.floodgate/shed');
        }
    }

    private static function connect(): Database
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

    /** The course; and from now on Text speaks for the site that it belongs to. */
    private static function find(Database $database, string $slug): ?Course
    {
        $prefix = $database->prefix;
        $row = $database->row(
            'SELECT ' . Courses::COLUMNS . ', ' . Courses::NOW . " AS now,
                (SELECT JSON_OBJECTAGG(option_name, option_value) FROM {$prefix}options
                 WHERE option_name IN ('" . implode("', '", SiteInfo::OPTIONS) . "')) AS site
             FROM {$prefix}floodgate_courses WHERE slug = ?",
            [$slug]
        );
        if ($row === null) {
            return null;
        }
        $options = json_decode((string) $row['site'], true, 2, JSON_THROW_ON_ERROR);
        Text::speakFor(SiteInfo::fromOptions($options, (string) getenv('SITE_URL')));
        return Course::fromRow($row);
    }
}
