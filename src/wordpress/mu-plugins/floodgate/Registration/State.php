<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What a course is to everybody; the value is the page's marker. */
enum State: string
{
    case Closed = 'closed';
    case Open = 'open';
    case SoldOut = 'sold-out';
    case Ended = 'ended';
}
