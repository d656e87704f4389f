<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\Outbox;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\Entry;

/** Sends a registration's mail once more, and leads back. */
final class SendAgainScreen implements Screen
{
    private const NONCE = 'floodgate-send-again';

    private readonly int $id;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->id = (int) filter_var($_GET['claim'] ?? null, FILTER_VALIDATE_INT);
    }

    public static function address(Course $course, Entry $entry): string
    {
        return Address::of(View::SendAgain, $course, ['claim' => $entry->id, '_wpnonce' => wp_create_nonce(self::NONCE . $entry->id)]);
    }

    public function load(): void
    {
        check_admin_referer(self::NONCE . $this->id);
        $done = (new Outbox($this->database))->again($this->course, $this->id);
        wp_safe_redirect(Address::of(View::Ledger, $this->course, notice: $done ? Notice::MailAgain : Notice::MailWaits));
        exit;
    }

    public function show(): void
    {
    }
}
