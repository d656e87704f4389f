<?php

declare(strict_types=1);

namespace Floodgate\Mail;

/** What became of a mail. */
enum MailState: string
{
    /** Nobody has tried yet, or a later try is due. */
    case Waiting = 'waiting';
    /** Somebody is at it. */
    case Sending = 'sending';
    /** The mail server has it, and answers for it. */
    case Sent = 'sent';
    /** The mail server refuses it for good. */
    case Refused = 'refused';
    /** Nobody knows: the line broke after the mail and before the answer. It is not sent again by itself. */
    case Unknown = 'unknown';
    /** It had nothing to say any more: the registration was cancelled, or its person erased. */
    case Dropped = 'dropped';
}
