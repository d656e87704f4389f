<?php

declare(strict_types=1);

namespace Floodgate\Install;

/**
 * The database's user whom the site is: with its own database alone, and without what only an administrator does.
 *
 * Made by the cluster's master user, whose password this step has and no task that serves. Without one (a database that
 * somebody else looks after), the user is there already.
 */
final class Account
{
    /** What WordPress, its plugins and the registration do in their database; no rights to give on, no server's rights. */
    private const RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE TEMPORARY TABLES, '
        . 'LOCK TABLES, CREATE VIEW, SHOW VIEW, TRIGGER, CREATE ROUTINE, ALTER ROUTINE, EXECUTE';

    public static function bringUpToDate(Settings $settings): void
    {
        if ($settings->masterUser === '') {
            return;
        }
        $link = Connection::open($settings->ofMaster(), $settings->databasePatience);
        // Two tasks that start together would both find nobody.
        $lock = Lock::take($link, "floodgate-account:{$settings->databaseName}", patienceSeconds: 60);
        $user = "'" . $link->real_escape_string($settings->databaseUser) . "'@'%'";
        $password = "'" . $link->real_escape_string($settings->databasePassword) . "'";
        // In a grant an underscore stands for any character, and these rights are for one database.
        $database = str_replace(['_', '%'], ['\\_', '\\%'], $settings->databaseName);
        // "If not exists" would do, but MySQL refuses it of a user who has defined a routine, as this one has (SeatRoutine).
        $name = $link->real_escape_string($settings->databaseUser);
        if ($link->query("SELECT 1 FROM mysql.user WHERE user = '$name' AND host = '%'")->fetch_row() === null) {
            $link->query("CREATE USER $user IDENTIFIED BY $password");
        }
        $link->query('GRANT ' . self::RIGHTS . " ON `$database`.* TO $user");
        // Open connections stay as they are; a task that has the former password makes no new ones.
        if (!Connection::isWelcome($settings)) {
            $link->query("ALTER USER $user IDENTIFIED BY $password");
            \floodgate_say("set the password of the database's user {$settings->databaseUser} from the secret");
        }
        $lock->release();
    }
}
