<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * A page that loses its connection in the middle ends, and its reader gets the waiting page at once. WordPress would
 * connect five times more, with a wait for the greeting each, and with a second's sleep between.
 */
final class LostConnection
{
    public static function register(): void
    {
        global $wpdb;
        $wpdb->reconnect_retries = 0; // protected, and open to be written by its __set()
    }
}
