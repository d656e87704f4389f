<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;

/** What pages are made of where WordPress is not loaded: the address, the database, the site's options. */
final class LeanSite
{
    private const PREFIX = 'wp_'; // as in wp-config.php

    /** What was asked for, as it was, without its query. parse_url() takes what stands behind two slashes for a host. */
    public static function typed(): string
    {
        return (string) strtok((string) ($_SERVER['REQUEST_URI'] ?? ''), '?');
    }

    /** The same as nginx reads it: decoded, and several slashes are one. */
    public static function path(): string
    {
        return (string) preg_replace('#/{2,}#', '/', rawurldecode(self::typed()));
    }

    /** What is asked of the database beside a course: the site's options, as SQL. */
    public static function options(): string
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
