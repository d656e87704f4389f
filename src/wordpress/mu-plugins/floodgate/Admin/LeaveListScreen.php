<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Ledger;
use Floodgate\Registration\LedgerPart;
use Floodgate\Registration\WaitingList;

/** Asks once more before somebody is taken off a waiting list. */
final class LeaveListScreen implements Screen
{
    private const NONCE = 'floodgate-leave-list';

    private readonly int $id;
    private ?Entry $entry = null;

    public function __construct(private readonly Database $database, private readonly Course $course)
    {
        $this->id = (int) filter_var($_GET['place'] ?? null, FILTER_VALIDATE_INT);
    }

    public function load(): void
    {
        $GLOBALS['title'] = __('Take off the waiting list', 'floodgate');
        if ($_SERVER['REQUEST_METHOD'] === 'POST') {
            check_admin_referer(self::NONCE . $this->id);
            $tells = TellBox::isTicked();
            $done = (new WaitingList($this->database))->leave($this->course, $this->id, $tells);
            $this->leave(match (true) {
                !$done => Notice::OffTheListBefore,
                $tells => Notice::OffTheListAndTold,
                default => Notice::OffTheList,
            });
        }
        $this->entry = (new Ledger($this->database, $this->course))->find($this->id, LedgerPart::Waiting);
        if ($this->entry === null) {
            $this->leave(Notice::OffTheListBefore);
        }
    }

    private function leave(Notice $notice): never
    {
        wp_safe_redirect(Address::of(View::Ledger, $this->course, ['part' => LedgerPart::Waiting->value], $notice));
        exit;
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1><?php esc_html_e('Take off the waiting list', 'floodgate'); ?></h1>
        <p><?php esc_html_e('A seat that was held for the person goes to the next one.', 'floodgate'); ?></p>
        <dl class="floodgate-facts">
        <dt><?php esc_html_e('Course', 'floodgate'); ?></dt><dd><?php echo esc_html($this->course->title); ?></dd>
        <dt><?php esc_html_e('Name', 'floodgate'); ?></dt><dd><?php echo esc_html((string) $this->entry?->name); ?></dd>
        <dt><?php esc_html_e('E-mail address', 'floodgate'); ?></dt><dd><?php echo esc_html(EmailAddress::shown((string) $this->entry?->email)); ?></dd>
        </dl>
        <form method="post" action="<?php echo esc_url(Address::of(View::LeaveList, $this->course, ['place' => $this->id])); ?>">
        <?php wp_nonce_field(self::NONCE . $this->id); ?>
        <?php TellBox::show($this->entry); ?>
        <p class="submit">
        <button type="submit" class="button button-primary"><?php esc_html_e('Take off the list', 'floodgate'); ?></button>
        <a class="button" href="<?php echo esc_url(Address::of(View::Ledger, $this->course, ['part' => LedgerPart::Waiting->value])); ?>"><?php esc_html_e('Keep the place', 'floodgate'); ?></a>
        </p>
        </form>
        </div>
        <?php
    }
}
