<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Cancellations;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Ledger;

/** Asks once more before a registration is cancelled. */
final class CancelScreen implements Screen
{
    private const NONCE = 'floodgate-cancel';

    private readonly int $id;
    private ?Entry $entry = null;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->id = (int) filter_var($_GET['claim'] ?? null, FILTER_VALIDATE_INT);
    }

    public function load(): void
    {
        $GLOBALS['title'] = __('Cancel registration', 'floodgate');
        if ($_SERVER['REQUEST_METHOD'] === 'POST') {
            check_admin_referer(self::NONCE . $this->id);
            $tells = TellBox::isTicked();
            $done = (new Cancellations($this->database))->cancel($this->course, $this->id, get_current_user_id(), $tells);
            $this->leave(match (true) {
                !$done => Notice::CancelledBefore,
                $tells => Notice::CancelledAndTold,
                default => Notice::Cancelled,
            });
        }
        $this->entry = (new Ledger($this->database, $this->course))->find($this->id);
        if ($this->entry === null) {
            $this->leave(Notice::CancelledBefore);
        }
    }

    private function leave(Notice $notice): never
    {
        wp_safe_redirect(Address::of(View::Ledger, $this->course, notice: $notice));
        exit;
    }

    public function show(): void
    {
        $entry = $this->entry;
        ?>
        <div class="wrap floodgate">
        <h1><?php esc_html_e('Cancel registration', 'floodgate'); ?></h1>
        <p><?php esc_html_e('As soon as you confirm, the code is no longer valid and the seat is free: for the next person on the waiting list or, if nobody waits, for anybody.', 'floodgate'); ?></p>
        <dl class="floodgate-facts">
        <dt><?php esc_html_e('Course', 'floodgate'); ?></dt><dd><?php echo esc_html($this->course->title); ?></dd>
        <dt><?php esc_html_e('Name', 'floodgate'); ?></dt><dd><?php echo esc_html((string) $entry?->name); ?></dd>
        <dt><?php esc_html_e('E-mail address', 'floodgate'); ?></dt><dd><?php echo esc_html(EmailAddress::shown((string) $entry?->email)); ?></dd>
        <dt><?php esc_html_e('Code', 'floodgate'); ?></dt><dd class="floodgate-code"><?php echo esc_html(ConfirmationCode::grouped((string) $entry?->code)); ?></dd>
        </dl>
        <form method="post" action="<?php echo esc_url(Address::of(View::Cancel, $this->course, ['claim' => $this->id])); ?>">
        <?php wp_nonce_field(self::NONCE . $this->id); ?>
        <?php TellBox::show($entry); ?>
        <p class="submit">
        <button type="submit" class="button button-primary"><?php esc_html_e('Cancel registration and release the seat', 'floodgate'); ?></button>
        <a class="button" href="<?php echo esc_url(Address::of(View::Ledger, $this->course)); ?>"><?php esc_html_e('Keep registration', 'floodgate'); ?></a>
        </p>
        </form>
        </div>
        <?php
    }
}
