<?php

declare(strict_types=1);

namespace Floodgate\Mail;

/** What a mail is about. A registration has one mail of each kind, and one for each message. */
enum MailKind: string
{
    case Confirmation = 'confirmation';
    case Reminder = 'reminder';
    case Message = 'message';

    /** As the outbox has it. @param int|null $message the message's number, where it is one */
    public function kept(?int $message = null): string
    {
        return $message === null ? $this->value : "$this->value-$message";
    }

    /** @return array{self, int|null} what the outbox has */
    public static function read(string $kept): array
    {
        [$kind, $message] = explode('-', $kept, 2) + [1 => null];
        return [self::from($kind), $message === null ? null : (int) $message];
    }
}
