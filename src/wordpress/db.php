<?php
/**
 * WordPress's connection to its database, from its first query on, which comes before any plugin: one that is lost is not
 * made again, with a wait for each of two answers more (Site/LostConnection.php says what comes instead).
 */

declare(strict_types=1);

global $wpdb;
$wpdb = new wpdb(DB_USER, DB_PASSWORD, DB_NAME, DB_HOST);
$wpdb->reconnect_retries = 0; // protected, and open to be written by its __set()
