<?php

declare(strict_types=1);

namespace Floodgate\Install;

/** The database's named lock: one install step at a time, over all tasks. It ends with the connection, even by a crash. */
final class Lock
{
    private function __construct(private readonly \mysqli $link, private readonly string $name)
    {
    }

    public static function take(\mysqli $link, string $name, int $patienceSeconds): self
    {
        $name = substr($name, 0, 64); // the longest that MySQL takes
        $got = $link->execute_query('SELECT GET_LOCK(?, ?)', [$name, $patienceSeconds])->fetch_row()[0];
        if ((int) $got !== 1) {
            throw new TryAgain("another install step has held the lock for $patienceSeconds s");
        }
        return new self($link, $name);
    }

    public function release(): void
    {
        $this->link->execute_query('SELECT RELEASE_LOCK(?)', [$this->name]);
    }
}
