<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * The connection of this PHP process: made once, encrypted, and kept from request to request. A transaction that the
 * request before left is rolled back when that ends, and a connection that has been closed meanwhile is made anew.
 *
 * By PDO: taking up a kept connection is one round trip (mysqli logs in again: two), several statements are one (mysqli
 * asks leave first), a dead one is known after one wait (mysqli: three), and one that is made anew has its character set and
 * time-out (mysqli's has lost them).
 */
final class ProcessLink implements Link
{
    /**
     * Seconds that a person waits for an answer that may need a new connection: a database that has gone without a word
     * keeps no process longer. Half of them to find that the kept one is dead, half to fail to make another.
     */
    public const PATIENCE = 4;
    /** Where the image keeps the certificate authorities of the database, by the names under which OpenSSL looks. */
    private const AUTHORITIES = '/etc/floodgate/rds';

    private function __construct(private readonly \PDO $link)
    {
    }

    public static function open(string $host, int $port, string $user, string $password, string $name): self
    {
        ini_set('mysqlnd.net_read_timeout', (string) intdiv(self::PATIENCE, 2));
        try {
            // A host name that does not resolve is a PHP warning besides the exception.
            return new self(@new \PDO("mysql:host=$host;port=$port;dbname=$name;charset=utf8mb4", $user, $password, [
                \PDO::ATTR_PERSISTENT => true,
                \PDO::ATTR_TIMEOUT => intdiv(self::PATIENCE, 2),
                \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
                \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
                \PDO::ATTR_STRINGIFY_FETCHES => true,
                \PDO::MYSQL_ATTR_SSL_CAPATH => self::AUTHORITIES,
                \PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true,
            ]));
        } catch (\PDOException $error) {
            throw self::told($error);
        }
    }

    public function run(string $sql, bool $several = false): array
    {
        try {
            $answer = $this->link->query($sql);
            $results = [];
            do {
                $rows = $answer->columnCount() > 0 ? $answer->fetchAll() : [];
                $results[] = new Result($rows, $answer->rowCount());
            } while ($several && $answer->nextRowset());
            return $results;
        } catch (\PDOException $error) {
            throw self::told($error);
        }
    }

    public function quote(string $text): string
    {
        return $this->link->quote($text);
    }

    private static function told(\PDOException $error): DatabaseError
    {
        return new DatabaseError($error->getMessage(), (int) ($error->errorInfo[1] ?? $error->getCode()), $error);
    }
}
