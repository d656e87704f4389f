<?php

declare(strict_types=1);

namespace Floodgate\Mail;

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

    /** Is it about a place on the waiting list, and not about a seat? */
    public function isOfPlace(): bool
    {
        return in_array($this, [self::Queued, self::Offer, self::OfferEnded], true);
    }

    /** As the outbox has it. @param int|null $message the message's number, where it is one */
    public function kept(?int $message = null): string
    {
        return $message === null ? $this->value : "$this->value-$message";
    }

    /** @return array{self, int|null} what the outbox has */
    public static function read(string $kept): array
    {
        return preg_match('/^(.+)-(\d+)$/D', $kept, $part) === 1 ? [self::from($part[1]), (int) $part[2]] : [self::from($kept), null];
    }
}
