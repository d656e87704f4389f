<?php

declare(strict_types=1);

namespace Floodgate\Install;

/** The database's named lock: one install step at a time, over all tasks. It ends with the connection, even by a crash. */
final class Lock
{
    /** Seconds of one wait: shorter than the connection waits for an answer. */
    private const STEP = 3;

    private function __construct(private readonly \mysqli $link, private readonly string $name)
    {
    }

    public static function take(\mysqli $link, string $name, int $patienceSeconds): self
    {
        $name = substr($name, 0, 64); // the longest that MySQL takes
        for ($waited = 0; $waited < $patienceSeconds; $waited += self::STEP) {
            $got = $link->execute_query('SELECT GET_LOCK(?, ?)', [$name, self::STEP])->fetch_row()[0];
            if ((int) $got === 1) {
                return new self($link, $name);
            }
        }
        throw new TryAgain("another install step has held the lock for $patienceSeconds s");
    }

    public function release(): void
    {
        $this->link->execute_query('SELECT RELEASE_LOCK(?)', [$this->name]);
    }
}
