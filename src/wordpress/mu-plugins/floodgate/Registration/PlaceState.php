<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What a place on a waiting list is. The value is what the table has. */
enum PlaceState: string
{
    case Waiting = 'waiting';
    /** A seat is held for the person, for a while. */
    case Offered = 'offered';
    /** The person has taken the seat that was offered. */
    case Taken = 'taken';
    /** The offer's time passed. */
    case Expired = 'expired';
    /** Given up: by the person, by an organiser, or because the person got a seat otherwise. */
    case Left = 'left';

    /** Does the person still wait, or may still take a seat? */
    public function stands(): bool
    {
        return $this === self::Waiting || $this === self::Offered;
    }
}
