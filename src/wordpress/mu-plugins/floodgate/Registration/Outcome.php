<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What became of a claim. The value is the page's marker. */
enum Outcome: string
{
    case Confirmed = 'confirmed';
    case SoldOut = 'sold-out';
    case Closed = 'closed';
    case Ended = 'ended';
    /** The person has a seat, and its code is sent to them instead of shown. */
    case Sent = 'sent';
    case Invalid = 'invalid';
    /** On the waiting list, or with a seat that is offered from it. */
    case Queued = 'queued';
    /** The person is asked whether the seat, or the place on the waiting list, is really to be given back. */
    case GiveBack = 'give-back';
    /** Given back by the person, with the link of the mail. */
    case Cancelled = 'cancelled';

    /** No seat, and the state of the course is why. */
    public static function refusal(State $state): self
    {
        return match ($state) {
            State::Closed => self::Closed,
            State::Ended => self::Ended,
            State::Open, State::SoldOut => self::SoldOut,
        };
    }

    /** HTTP status of the page that says so. */
    public function status(): int
    {
        return match ($this) {
            self::Confirmed, self::Sent, self::Queued, self::GiveBack, self::Cancelled => 200,
            self::SoldOut, self::Closed, self::Ended => 409,
            self::Invalid => 422,
        };
    }
}
