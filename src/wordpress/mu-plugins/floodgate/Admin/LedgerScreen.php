<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\MailServer;
use Floodgate\Mail\MailState;
use Floodgate\Mail\Outbox;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\Ledger;
use Floodgate\Registration\LedgerPart;
use Floodgate\Registration\WaitingList;

/** The registrations of a course. */
final class LedgerScreen implements Screen
{
    public const PER_PAGE = 'floodgate_registrations_per_page';

    private LedgerTable $table;
    private readonly Ledger $ledger;
    private readonly Outbox $outbox;
    private readonly WaitingList $waiting;
    private readonly LedgerPart $part;

    public function __construct(Database $database, private readonly Course $course)
    {
        $this->ledger = new Ledger($database, $course);
        $this->outbox = new Outbox($database);
        $this->waiting = new WaitingList($database);
        $this->part = LedgerPart::tryFrom(is_string($_GET['part'] ?? null) ? $_GET['part'] : '') ?? LedgerPart::Registered;
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('Registrations: %s', 'floodgate'), $this->course->title);
        add_screen_option('per_page', ['default' => 50, 'option' => self::PER_PAGE]);
        $this->table = new LedgerTable($this->ledger, $this->outbox, $this->waiting, $this->course, $this->part);
        $this->table->prepare_items();
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1 class="wp-heading-inline"><?php echo esc_html($GLOBALS['title']); ?></h1>
        <a class="page-title-action" href="<?php echo esc_url(Address::of(View::Claim, $this->course)); ?>"><?php esc_html_e('Add registration', 'floodgate'); ?></a>
        <a class="page-title-action" href="<?php echo esc_url(ExportScreen::address($this->course)); ?>"><?php esc_html_e('Export as CSV', 'floodgate'); ?></a>
        <a class="page-title-action" href="<?php echo esc_url(ExportScreen::address($this->course, asWorkbook: true)); ?>"><?php esc_html_e('Export for spreadsheets (.xlsx)', 'floodgate'); ?></a>
        <a class="page-title-action" href="<?php echo esc_url(Address::of(View::Message, $this->course)); ?>"><?php esc_html_e('Write to everybody', 'floodgate'); ?></a>
        <a class="page-title-action" href="<?php echo esc_url(Address::of(View::Door, $this->course)); ?>"><?php esc_html_e('At the door', 'floodgate'); ?></a>
        <a class="page-title-action" href="<?php echo esc_url(Address::form($this->course->id)); ?>"><?php esc_html_e('Edit course', 'floodgate'); ?></a>
        <hr class="wp-header-end">
        <?php Notice::show(); ?>
        <p><?php
            printf(
                /* translators: 1: a course's state, 2: seats taken, 3: all seats */
                esc_html__('%1$s. %2$s of %3$s seats are taken.', 'floodgate'),
                esc_html(Words::state($this->course->state())),
                esc_html(number_format_i18n($this->course->taken)),
                esc_html(number_format_i18n($this->course->seats))
            );
            if ($this->course->held + $this->course->queued > 0) {
                echo ' ';
                printf(
                    /* translators: 1: seats, 2: people */
                    esc_html__('Held by offers: %1$s. Waiting: %2$s.', 'floodgate'),
                    esc_html(number_format_i18n($this->course->held)),
                    esc_html(number_format_i18n($this->course->queued))
                );
            }
        ?></p>
        <p><?php echo esc_html($this->mails()); ?></p>
        <ul class="subsubsub">
        <li><?php $this->tab(LedgerPart::Registered, __('Registered', 'floodgate')); ?> |</li>
        <li><?php $this->tab(LedgerPart::Cancelled, __('Cancelled', 'floodgate')); ?> |</li>
        <li><?php $this->tab(LedgerPart::Waiting, __('Waiting list', 'floodgate')); ?></li>
        </ul>
        <form method="get" action="<?php echo esc_url(admin_url('admin.php')); ?>">
        <input type="hidden" name="page" value="<?php echo esc_attr(Address::LIST); ?>">
        <input type="hidden" name="view" value="<?php echo esc_attr(View::Ledger->value); ?>">
        <input type="hidden" name="course" value="<?php echo esc_attr((string) $this->course->id); ?>">
        <input type="hidden" name="part" value="<?php echo esc_attr($this->part->value); ?>">
        <?php
        $this->table->search_box(__('Search registrations', 'floodgate'), 'floodgate-registration');
        $this->table->display();
        ?>
        </form>
        </div>
        <?php
    }

    /** How many mails are sent, wait, or need somebody. */
    private function mails(): string
    {
        if (!MailServer::isSet()) {
            return __('The site sends no e-mail: people keep the code that they were shown.', 'floodgate');
        }
        $shown = [];
        $counts = $this->outbox->counts($this->course);
        foreach ([MailState::Sent, MailState::Waiting, MailState::Sending, MailState::Refused, MailState::Unknown] as $state) {
            $shown[$state->value] = array_sum(array_column($counts, $state->value));
        }
        $shown = array_filter($shown);
        /* translators: %s: how many mails are in which state */
        return $shown === [] ? __('No e-mails yet.', 'floodgate') : sprintf(__('E-mails. %s.', 'floodgate'), Words::mails($shown));
    }

    private function tab(LedgerPart $part, string $text): void
    {
        printf(
            '<a href="%s"%s>%s <span class="count">(%s)</span></a>',
            esc_url(Address::of(View::Ledger, $this->course, ['part' => $part->value])),
            $part === $this->part ? ' class="current" aria-current="page"' : '',
            esc_html($text),
            esc_html(number_format_i18n($this->ledger->count($part)))
        );
    }
}
