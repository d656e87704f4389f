<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\Entry;
use Floodgate\Registration\WaitingList;

/** Takes the seat that is offered to somebody who waits, for whoever says so by telephone, and leads to it. */
final class TakeOfferScreen implements Screen
{
    private const NONCE = 'floodgate-take-offer';

    private readonly int $id;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->id = (int) filter_var($_GET['place'] ?? null, FILTER_VALIDATE_INT);
    }

    public static function address(Course $course, Entry $entry): string
    {
        return Address::of(View::TakeOffer, $course, ['place' => $entry->id, 's' => $entry->code, '_wpnonce' => wp_create_nonce(self::NONCE . $entry->id)]);
    }

    public function load(): void
    {
        check_admin_referer(self::NONCE . $this->id);
        $isTaken = (new WaitingList($this->database))->take($this->course, $this->id);
        $code = is_string($_GET['s'] ?? null) ? preg_replace('/[^A-Z0-9]/', '', $_GET['s']) : '';
        wp_safe_redirect($isTaken
            ? Address::of(View::Ledger, $this->course, ['s' => (string) $code], Notice::Claimed)
            : Address::of(View::Ledger, $this->course, ['part' => 'queue'], Notice::OfferOver));
        exit;
    }

    public function show(): void
    {
    }
}
