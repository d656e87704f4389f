<?php

declare(strict_types=1);

namespace Floodgate\Mail;

/** What an organiser wrote to everybody in a course. */
final class Message
{
    public const SUBJECT_MAX = 150;
    public const TEXT_MAX = 5_000;

    public function __construct(
        public readonly string $subject,
        /** plain text; a blank line begins a paragraph */
        public readonly string $text,
        public readonly int $id = 0,
        /** the user who wrote it */
        public readonly int $writtenBy = 0,
        /** milliseconds since 1970 */
        public readonly int $queuedAt = 0,
    ) {
    }
}
