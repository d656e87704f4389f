<?php

declare(strict_types=1);

namespace Floodgate\Install;

/** A connection of the install step's own, which also holds its lock. Waits for a database that is starting or paused. */
final class Connection
{
    private const UNKNOWN_DATABASE = 1049;
    private const WRONG_PASSWORD = 1045;
    /** Seconds for an answer, the greeting included, which the time-out of connecting does not cover. */
    private const READ_TIMEOUT = 5;

    public static function open(Settings $settings, int $patienceSeconds): \mysqli
    {
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        $where = "{$settings->databaseHost}:{$settings->databasePort}";
        $deadline = microtime(true) + $patienceSeconds;
        $saidAt = 0.0;
        while (true) {
            try {
                return self::connect($settings);
            } catch (\mysqli_sql_exception $error) {
                if (microtime(true) >= $deadline) {
                    throw new TryAgain(
                        "no database at $where within $patienceSeconds s (DB_HOST, DB_PORT, DB_USER, DB_PASSWORD): {$error->getMessage()}"
                    );
                }
                if (microtime(true) - $saidAt > 10) {
                    \floodgate_say("waiting for the database at $where: {$error->getMessage()}");
                    $saidAt = microtime(true);
                }
                usleep(500_000);
            }
        }
    }

    /** Whether the database knows this user by this password. */
    public static function isWelcome(Settings $settings): bool
    {
        try {
            self::connect($settings);
            return true;
        } catch (\mysqli_sql_exception $error) {
            return $error->getCode() === self::WRONG_PASSWORD ? false : throw $error;
        }
    }

    private static function connect(Settings $settings): \mysqli
    {
        $link = mysqli_init();
        $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 5);
        $link->options(MYSQLI_OPT_READ_TIMEOUT, self::READ_TIMEOUT);
        // A host name that does not resolve is a PHP warning besides the exception.
        @$link->real_connect(
            $settings->databaseHost,
            $settings->databaseUser,
            $settings->databasePassword,
            null,
            $settings->databasePort,
            null,
            MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT
        );
        $link->set_charset('utf8mb4');
        try {
            $link->select_db($settings->databaseName);
        } catch (\mysqli_sql_exception $error) {
            if ($error->getCode() !== self::UNKNOWN_DATABASE) {
                throw $error;
            }
            $link->query("CREATE DATABASE IF NOT EXISTS `{$settings->databaseName}` CHARACTER SET utf8mb4");
            $link->select_db($settings->databaseName);
            \floodgate_say("created the database {$settings->databaseName}");
        }
        return $link;
    }
}
