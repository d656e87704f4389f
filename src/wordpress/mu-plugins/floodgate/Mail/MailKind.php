<?php

declare(strict_types=1);

namespace Floodgate\Mail;

/** What a mail is about. The value is the outbox's. */
enum MailKind: string
{
    case Confirmation = 'confirmation';
}
