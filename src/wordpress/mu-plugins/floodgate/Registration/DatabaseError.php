<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A statement failed. The message is for the log, never for a visitor. */
class DatabaseError extends \RuntimeException
{
    private const DUPLICATE = 1062;
    private const EXISTING_ROUTINE = 1304;
    private const MISSING_ROUTINE = 1305;
    private const LOCK_WAIT_TIMEOUT = 1205;
    private const DEADLOCK = 1213;
    private const SNAPSHOT_CHANGED = 1020; // MariaDB with innodb_snapshot_isolation

    /** Did other transactions get in the way, so that the same transaction may succeed when it is run again? */
    public function isConflict(): bool
    {
        return in_array($this->getCode(), [self::LOCK_WAIT_TIMEOUT, self::DEADLOCK, self::SNAPSHOT_CHANGED], true);
    }

    /** Is there a row with this unique key already? */
    public function isDuplicate(): bool
    {
        return $this->getCode() === self::DUPLICATE;
    }

    public function isExistingRoutine(): bool
    {
        return $this->getCode() === self::EXISTING_ROUTINE;
    }

    public function isMissingRoutine(): bool
    {
        return $this->getCode() === self::MISSING_ROUTINE;
    }
}
