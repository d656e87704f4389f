<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** The parts of a ledger. The value is the table's name after its prefix, and the part's in an address. */
enum LedgerPart: string
{
    case Registered = 'claims';
    case Cancelled = 'cancellations';
    case Waiting = 'queue';

    /** @param string $prefix of WordPress's tables */
    public function table(string $prefix): string
    {
        return "{$prefix}floodgate_{$this->value}";
    }
}
