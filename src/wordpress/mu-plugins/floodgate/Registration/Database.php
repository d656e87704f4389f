<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Prepared statements and transactions on one MySQL connection. Knows nothing of WordPress. */
final class Database
{
    private const ATTEMPTS = 5;

    public function __construct(private readonly \mysqli $link, public readonly string $prefix)
    {
    }

    /** The connection and table prefix that WordPress has opened already. */
    public static function ofWordPress(): self
    {
        global $wpdb;
        return new self($wpdb->dbh, $wpdb->prefix);
    }

    /**
     * @param list<int|string> $arguments
     * @return int rows changed
     */
    public function write(string $sql, array $arguments = []): int
    {
        $this->execute($sql, $arguments);
        return (int) $this->link->affected_rows;
    }

    /**
     * @param list<int|string> $arguments
     * @return list<array<string, int|float|string|null>>
     */
    public function rows(string $sql, array $arguments = []): array
    {
        $result = $this->execute($sql, $arguments);
        return $result instanceof \mysqli_result ? $result->fetch_all(MYSQLI_ASSOC) : [];
    }

    /**
     * @param list<int|string> $arguments
     * @return array<string, int|float|string|null>|null
     */
    public function row(string $sql, array $arguments = []): ?array
    {
        return $this->rows($sql, $arguments)[0] ?? null;
    }

    /**
     * Run $work in a transaction: commit when it returns something, roll back when it returns null or throws. It is run
     * again when another transaction was in the way.
     *
     * @template T
     * @param callable(): (T|null) $work
     * @return T|null
     */
    public function transaction(callable $work): mixed
    {
        for ($attempt = 1;; $attempt++) {
            try {
                return $this->attempt($work);
            } catch (DatabaseError $error) {
                if (!$error->isConflict() || $attempt === self::ATTEMPTS) {
                    throw $error;
                }
                usleep(random_int(1_000, 10_000) * $attempt);
            }
        }
    }

    private function attempt(callable $work): mixed
    {
        // Without gap locks: two people never wait for each other, except for the one row that counts the seats.
        $this->execute('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $this->execute('START TRANSACTION');
        try {
            $result = $work();
            $this->execute($result === null ? 'ROLLBACK' : 'COMMIT');
            return $result;
        } catch (\Throwable $error) {
            // May fail too when the connection is gone; then the server has rolled back already.
            $this->link->query('ROLLBACK');
            throw $error;
        }
    }

    /** @param list<int|string> $arguments */
    private function execute(string $sql, array $arguments = []): \mysqli_result|bool
    {
        try {
            $result = $arguments === [] ? $this->link->query($sql) : $this->link->execute_query($sql, $arguments);
        } catch (\mysqli_sql_exception $error) {
            throw new DatabaseError($error->getMessage(), $error->getCode(), $error);
        }
        // WordPress switches mysqli's exceptions off.
        if ($result === false) {
            throw new DatabaseError($this->link->error, $this->link->errno);
        }
        return $result;
    }
}
