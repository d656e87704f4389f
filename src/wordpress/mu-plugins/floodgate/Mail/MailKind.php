<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Registration\LedgerPart;

/** What a mail is about. A registration has one mail of each kind, and one for each message. */
enum MailKind: string
{
    case Confirmation = 'confirmation';
    case Reminder = 'reminder';
    case Message = 'message';
    /** A place on the waiting list. */
    case Queued = 'queued';
    /** A seat for somebody who waits. */
    case Offer = 'offer';
    case OfferEnded = 'offer-ended';
    /** A seat that was given back, by its person or by an organiser. */
    case Cancelled = 'cancelled';
    /** A place on the waiting list that an organiser has ended. */
    case TakenOff = 'taken-off';

    /** The part of the ledger that has the line that it is about. */
    public function part(): LedgerPart
    {
        return match ($this) {
            self::Confirmation, self::Reminder, self::Message => LedgerPart::Registered,
            self::Queued, self::Offer, self::OfferEnded, self::TakenOff => LedgerPart::Waiting,
            self::Cancelled => LedgerPart::Cancelled,
        };
    }

    /** As the outbox has it. @param int|null $message the message's number, where it is one */
    public function kept(?int $message = null): string
    {
        return $message === null ? $this->value : "$this->value-$message";
    }

    /** @return array{self, int|null}|null what the outbox has; null: a kind that a later version of the site knows */
    public static function read(string $kept): ?array
    {
        $isNumbered = preg_match('/^(.+)-(\d+)$/D', $kept, $part) === 1;
        $kind = self::tryFrom($isNumbered ? $part[1] : $kept);
        return $kind === null ? null : [$kind, $isNumbered ? (int) $part[2] : null];
    }
}
