<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\MailServer;

/** What was just done, said on the screen that one is led to. */
enum Notice: string
{
    case Added = 'added';
    case Saved = 'saved';
    case Moved = 'moved';
    case Removed = 'removed';
    case Claimed = 'claimed';
    case HadSeat = 'had-seat';
    case Corrected = 'corrected';
    case Readdressed = 'readdressed';
    case OfferOver = 'offer-over';
    case Cancelled = 'cancelled';
    case CancelledAndTold = 'cancelled-and-told';
    case CancelledBefore = 'cancelled-before';
    case OffTheList = 'off-the-list';
    case OffTheListAndTold = 'off-the-list-and-told';
    case OffTheListBefore = 'off-the-list-before';
    case MailAgain = 'mail-again';
    case MailWaits = 'mail-waits';
    case MessageSent = 'message-sent';

    /** @param bool $isDraft is it said of a course that only organisers see? */
    public static function show(bool $isDraft = false): void
    {
        $notice = self::tryFrom(is_string($_GET['notice'] ?? null) ? $_GET['notice'] : '');
        if ($notice !== null) {
            wp_admin_notice(esc_html($isDraft ? $notice->ofDraft() : $notice->sentence()), ['type' => 'success', 'dismissible' => true]);
        }
    }

    private function ofDraft(): string
    {
        return match ($this) {
            self::Added, self::Saved => __('The course was saved as a draft: only organisers see its page.', 'floodgate'),
            default => $this->sentence(),
        };
    }

    private function sentence(): string
    {
        return match ($this) {
            self::Added => __('The course was added. Everybody can see its page now.', 'floodgate'),
            self::Saved => __('The course was saved. Everybody sees the change within a second.', 'floodgate'),
            self::Moved => MailServer::isSet()
                ? __('The course was saved. People who have a seat still know the old date or place: tell them with “Registrations”, “Write to everybody”.', 'floodgate')
                : __('The course was saved. People who have a seat still know the old date or place: please tell them.', 'floodgate'),
            self::Removed => __('The course was deleted.', 'floodgate'),
            self::Claimed => MailServer::isSet()
                ? __('The person was registered. The code below is on its way to their address.', 'floodgate')
                : __('The person was registered. Please pass on the code below: the site sends no e-mail.', 'floodgate'),
            self::HadSeat => __('This person had a seat already and keeps it; no second one was taken. The code is below.', 'floodgate'),
            self::Corrected => __('The correction was saved.', 'floodgate'),
            self::Readdressed => __('The correction was saved, and the e-mail goes to the new address within a minute or so.', 'floodgate'),
            self::OfferOver => __('No seat is held for this person any more.', 'floodgate'),
            self::Cancelled => __('The registration was cancelled. The seat is free now: for the next person on the waiting list or, if nobody waits, for anybody.', 'floodgate'),
            self::CancelledAndTold => __('The registration was cancelled, and an e-mail goes to the person within a minute or so. The seat is free now: for the next person on the waiting list or, if nobody waits, for anybody.', 'floodgate'),
            self::CancelledBefore => __('This registration has been cancelled or erased already.', 'floodgate'),
            self::OffTheList => __('The person is not on the waiting list any more.', 'floodgate'),
            self::OffTheListAndTold => __('The person is not on the waiting list any more, and an e-mail goes to them within a minute or so.', 'floodgate'),
            self::OffTheListBefore => __('This person is not waiting any more.', 'floodgate'),
            self::MailAgain => __('The e-mail goes out again within a minute or so.', 'floodgate'),
            self::MessageSent => __('The message is on its way to everybody who has a seat.', 'floodgate'),
            self::MailWaits => __('This e-mail has not gone out yet, or its registration is gone.', 'floodgate'),
        };
    }
}
