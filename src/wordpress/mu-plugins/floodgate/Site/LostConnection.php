<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * A page that loses its connection to the database in the middle ends, and its reader gets the waiting page, or the page
 * that nginx still has. WordPress would connect five times more, with a wait for the greeting each and a second's sleep
 * between, and then go on without the database.
 */
final class LostConnection
{
    /** Gone before an answer, and in the middle of one: MySQL's numbers of what its client says. */
    private const GONE = [2006, 2013];

    public static function register(): void
    {
        global $wpdb; // where a plugin has a connection of its own; WordPress's is so from its first query on (db.php)
        $wpdb->reconnect_retries = 0; // protected, and open to be written by its __set()
    }

    /** Did the connection of this request go, and did nothing bring it back? */
    public static function happened(): bool
    {
        $link = $GLOBALS['wpdb']->dbh ?? null;
        return $link instanceof \mysqli && in_array($link->errno, self::GONE, true);
    }

    /** What is sent in the place of the page: the headers of it; its body is empty. */
    public static function answer(): void
    {
        http_response_code(503);
        header_remove('Content-Type');
        header('X-Accel-Redirect: /.floodgate/shed');
    }
}
