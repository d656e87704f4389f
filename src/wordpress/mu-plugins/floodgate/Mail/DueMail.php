<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Registration\Entry;
use Floodgate\Registration\Place;

/** A mail that is to be sent now. */
final class DueMail
{
    public function __construct(
        public readonly int $id,
        public readonly MailKind $kind,
        /** number of the message, where it is one */
        public readonly ?int $message,
        /** tries before this one */
        public readonly int $attempts,
        public readonly int $courseId,
        /** whom it is about; null: the registration is gone */
        public readonly ?Entry $entry,
        /** of the waiting list, where it is about one */
        public readonly ?Place $place = null,
    ) {
    }
}
