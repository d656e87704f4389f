<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Why a course could not be saved or removed as an organiser wanted. */
enum Refusal
{
    /** Another course has this address. */
    case SlugTaken;
    /** Nobody who has a seat loses it. */
    case SeatsBelowTaken;
    /** Who counts as the same person cannot change once somebody has a seat: that person could get a second one. */
    case IdentityFixed;
    /** There are registrations. */
    case NotEmpty;
    /** Somebody has changed it since it was read. */
    case Changed;
    /** Somebody has removed it. */
    case Gone;
}
