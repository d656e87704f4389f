<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Statements and transactions on one MySQL connection, its own or the one that WordPress has. Needs no WordPress. */
final class Database
{
    private const ATTEMPTS = 5;

    public function __construct(private readonly Link $link, public readonly string $prefix)
    {
    }

    /** The connection and table prefix that WordPress has opened already. */
    public static function ofWordPress(): self
    {
        global $wpdb;
        return new self(new WordPressLink($wpdb->dbh), $wpdb->prefix);
    }

    /** @throws DatabaseError */
    public static function ofProcess(string $host, int $port, string $user, string $password, string $name, string $prefix): self
    {
        return new self(ProcessLink::open($host, $port, $user, $password, $name), $prefix);
    }

    /**
     * @param list<int|string|null> $arguments
     * @return int rows changed
     */
    public function write(string $sql, array $arguments = []): int
    {
        return $this->execute($sql, $arguments)->changed;
    }

    /**
     * @param list<int|string|null> $arguments
     * @return list<array<string, int|float|string|null>>
     */
    public function rows(string $sql, array $arguments = []): array
    {
        return $this->execute($sql, $arguments)->rows;
    }

    /**
     * @param list<int|string|null> $arguments
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
        return $this->persistently(fn (): mixed => $this->attempt($work));
    }

    /**
     * Run these statements as one transaction in one round trip: what it locks is locked while the server works, not
     * while answers travel. A statement that fails takes back all of them. Run again when another transaction was in
     * the way.
     *
     * @param list<array{string, list<int|string|null>}> $statements each with its arguments
     * @param array{string, list<int|string|null>} $then in the same round trip, after the transaction
     * @return list<Result> one for each statement, and that of $then
     */
    public function atomically(array $statements, array $then): array
    {
        $written = fn (array $statement): string => $this->withArguments(...$statement);
        $sql = implode(";\n", [
            'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
            'START TRANSACTION',
            ...array_map($written, $statements),
            'COMMIT',
            $written($then),
        ]);
        $results = $this->persistently(fn (): array => $this->attemptAll($sql));
        return [...array_slice($results, 2, count($statements)), $results[count($statements) + 3]];
    }

    /**
     * Run one statement and another in one round trip; a first one that fails leaves no transaction behind. Run again when
     * another transaction was in the way.
     *
     * @param array{string, list<int|string|null>} $first with its arguments
     * @param array{string, list<int|string|null>} $then as above
     * @return Result of $then
     */
    public function together(array $first, array $then): Result
    {
        $sql = $this->withArguments(...$first) . ";\n" . $this->withArguments(...$then);
        $results = $this->persistently(fn (): array => $this->attemptAll($sql));
        return $results[array_key_last($results)];
    }

    /** Never use this connection again, in no request: what is wrong with it may last. */
    public function abandon(): void
    {
        try {
            $this->link->run('KILL CONNECTION_ID()');
        } catch (DatabaseError) {
            // Being killed is an error too; so is having been gone before.
            return;
        }
    }

    private function persistently(callable $attempt): mixed
    {
        for ($count = 1;; $count++) {
            try {
                return $attempt();
            } catch (DatabaseError $error) {
                if (!$error->isConflict() || $count === self::ATTEMPTS) {
                    throw $error;
                }
                usleep(random_int(1_000, 10_000) * $count);
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
            $this->rollBack();
            throw $error;
        }
    }

    /** @return list<Result> */
    private function attemptAll(string $sql): array
    {
        try {
            return $this->link->run($sql, several: true);
        } catch (DatabaseError $error) {
            $this->rollBack();
            throw $error;
        }
    }

    /** Fails too when the connection is gone; then the server has rolled back already, or will. */
    private function rollBack(): void
    {
        try {
            $this->link->run('ROLLBACK');
        } catch (DatabaseError) {
            return;
        }
    }

    /** @param list<int|string|null> $arguments */
    private function execute(string $sql, array $arguments = []): Result
    {
        return $this->link->run($this->withArguments($sql, $arguments))[0];
    }

    /**
     * The statement with its arguments in place of its question marks, quoted here: to prepare it at the server would
     * cost a round trip more each time. Arguments are text in UTF-8; what is not goes through UNHEX.
     *
     * @param list<int|string|null> $arguments
     */
    private function withArguments(string $sql, array $arguments): string
    {
        $parts = explode('?', $sql);
        if (count($parts) !== count($arguments) + 1) {
            throw new \LogicException('a statement has ' . (count($parts) - 1) . ' question marks and ' . count($arguments) . ' arguments');
        }
        $whole = $parts[0];
        foreach (array_values($arguments) as $i => $argument) {
            $whole .= match (true) {
                $argument === null => 'NULL',
                is_int($argument) => (string) $argument,
                default => $this->link->quote($argument),
            } . $parts[$i + 1];
        }
        return $whole;
    }
}
