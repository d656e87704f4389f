<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What became of a correction. */
enum CorrectionResult
{
    case Done;
    /** Done, and the address is another one: its mail is due again. */
    case Readdressed;
    /** Nothing is corrected: that would be another person's seat or place, too. */
    case SomebodyElses;
    /** There is no such seat or place (any more). */
    case Gone;
}
