<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\MailKind;
use Floodgate\Mail\MailServer;
use Floodgate\Mail\MailState;
use Floodgate\Mail\Outbox;
use Floodgate\Registration\Cancellations;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Ledger;
use Floodgate\Registration\LedgerPart;
use Floodgate\Registration\Place;
use Floodgate\Registration\PlaceState;
use Floodgate\Registration\TypedText;
use Floodgate\Registration\WaitingList;

/** Who has a seat in a course, or who gave one back; the newest first. Method names are WordPress's. */
final class LedgerTable extends \WP_List_Table
{
    private const ANSWER = 'answer_';

    public readonly string $search;
    /** @var array<string, array{state: MailState, at: int|null, note: string|null}> by code */
    private array $mails = [];
    /** @var array<int, Place> by the line's id */
    private array $places = [];

    public function __construct(
        private readonly Ledger $ledger,
        private readonly Outbox $outbox,
        private readonly WaitingList $waiting,
        private readonly Course $course,
        private readonly LedgerPart $part,
    ) {
        $this->search = TypedText::line(is_string($_GET['s'] ?? null) ? wp_check_invalid_utf8(wp_unslash($_GET['s']), true) : '');
        parent::__construct(['singular' => 'floodgate-registration', 'plural' => 'floodgate-registrations', 'ajax' => false]);
    }

    public function prepare_items(): void
    {
        $perPage = $this->get_items_per_page(LedgerScreen::PER_PAGE, 50);
        $this->items = $this->ledger->page(
            $this->part,
            $this->search,
            is_string($_GET['orderby'] ?? null) ? $_GET['orderby'] : '',
            ($_GET['order'] ?? 'desc') !== 'asc',
            (min($this->get_pagenum(), Address::PAGES_MAX) - 1) * $perPage,
            $perPage
        );
        if ($this->part === LedgerPart::Waiting) {
            $this->places = $this->waiting->places(array_column($this->items, 'id'));
        } else {
            $this->mails = $this->outbox->states($this->part === LedgerPart::Cancelled ? MailKind::Cancelled : MailKind::Confirmation, $this->items);
        }
        $this->set_pagination_args(['total_items' => $this->ledger->count($this->part, $this->search), 'per_page' => $perPage]);
    }

    /** @return array<string, string> */
    public function get_columns(): array
    {
        $columns = [
            'name' => __('Name', 'floodgate'),
            'email' => __('E-mail address', 'floodgate'),
            'code' => __('Code', 'floodgate'),
            'claimed_at' => __('Registered', 'floodgate'),
        ];
        if ($this->part === LedgerPart::Cancelled) {
            $columns['cancelled_at'] = __('Cancelled', 'floodgate');
        }
        if ($this->part === LedgerPart::Waiting) {
            unset($columns['code']);
            $columns['claimed_at'] = __('Since', 'floodgate');
            $columns['place'] = __('Place', 'floodgate');
        } elseif (MailServer::isSet()) {
            $columns['mail'] = __('E-mail', 'floodgate');
        }
        foreach ($this->course->fields as $field) {
            $columns[self::ANSWER . $field->key] = esc_html($field->label);
        }
        return $columns;
    }

    /** @return array<string, list<mixed>> */
    protected function get_sortable_columns(): array
    {
        return [
            'name' => ['name', false],
            'email' => ['email', false],
            'claimed_at' => ['claimed_at', true, '', '', isset($_GET['orderby']) ? '' : 'desc'],
        ];
    }

    protected function get_primary_column_name(): string
    {
        return 'name';
    }

    public function no_items(): void
    {
        echo $this->search === ''
            ? esc_html__('Nobody yet.', 'floodgate')
            : esc_html__('Nobody is found by this name, address or code.', 'floodgate');
    }

    protected function column_name(Entry $item): string
    {
        return $item->isErased()
            ? '<em>' . esc_html__('Erased at the person’s request', 'floodgate') . '</em>'
            : '<strong>' . esc_html($item->name) . '</strong>';
    }

    protected function column_email(Entry $item): string
    {
        return esc_html(EmailAddress::shown($item->email));
    }

    protected function column_code(Entry $item): string
    {
        return '<span class="floodgate-code">' . esc_html(ConfirmationCode::grouped($item->code)) . '</span>';
    }

    protected function column_claimed_at(Entry $item): string
    {
        return esc_html(Words::time($item->claimedAt, $this->course));
    }

    protected function column_place(Entry $item): string
    {
        $place = $this->places[$item->id] ?? null;
        return $place === null ? '' : esc_html(match ($place->state) {
            PlaceState::Waiting => number_format_i18n((int) $place->position),
            /* translators: %s: date and time */
            PlaceState::Offered => sprintf(__('A seat is held until %s', 'floodgate'), Words::time((int) $place->offeredUntil, $this->course)),
            PlaceState::Taken => __('Has taken the seat', 'floodgate'),
            PlaceState::Expired => __('Did not take the seat in time', 'floodgate'),
            PlaceState::Left => __('Left the list', 'floodgate'),
        });
    }

    protected function column_mail(Entry $item): string
    {
        $mail = $this->mails[$item->code] ?? null;
        if ($mail === null) {
            return $this->part === LedgerPart::Cancelled
                ? esc_html__('None about it', 'floodgate')
                : esc_html__('None: registered before the site sent e-mails', 'floodgate');
        }
        $text = $mail['state'] === MailState::Sent
            /* translators: %s: date and time */
            ? sprintf(__('Sent %s', 'floodgate'), Words::time((int) $mail['at'], $this->course))
            : Words::mail($mail['state']);
        $note = $mail['note'] === null ? '' : '<br><small>' . esc_html($mail['note']) . '</small>';
        return '<span class="floodgate-mail is-' . esc_attr($mail['state']->value) . '">' . esc_html($text) . '</span>' . $note;
    }

    protected function column_cancelled_at(Entry $item): string
    {
        $time = Words::time((int) $item->cancelledAt, $this->course);
        if ($item->cancelledBy === Cancellations::BY_THE_PERSON) {
            /* translators: %s: date and time */
            return esc_html(sprintf(__('%s by the person', 'floodgate'), $time));
        }
        $user = get_userdata((int) $item->cancelledBy);
        return esc_html($user === false ? $time : sprintf(
            /* translators: 1: date and time, 2: name of a user */
            __('%1$s by %2$s', 'floodgate'),
            $time,
            $user->display_name
        ));
    }

    /**
     * @param Entry $item
     * @param string $column_name
     */
    protected function column_default($item, $column_name): string
    {
        $key = substr($column_name, strlen(self::ANSWER));
        foreach ($this->course->fields as $field) {
            if ($field->key === $key) {
                return nl2br(esc_html(Words::answer($field->type, $item->answers[$key] ?? '')));
            }
        }
        return '';
    }

    /**
     * @param Entry $item
     * @param string $column_name
     * @param string $primary
     */
    protected function handle_row_actions($item, $column_name, $primary): string
    {
        if ($column_name !== $primary || $this->part === LedgerPart::Cancelled) {
            return '';
        }
        if ($this->part === LedgerPart::Waiting) {
            return $this->row_actions($this->placeActions($item));
        }
        $who = $item->isErased() ? ConfirmationCode::grouped($item->code) : $item->name;
        $mail = $this->mails[$item->code]['state'] ?? null;
        $actions = $item->isErased() ? [] : ['edit' => $this->correction($item)];
        if (MailServer::isSet() && !in_array($mail, [null, MailState::Waiting, MailState::Sending, MailState::Dropped], true)) {
            $actions['mail'] = sprintf(
                '<a href="%s" aria-label="%s">%s</a>',
                esc_url(SendAgainScreen::address($this->course, $item)),
                /* translators: %s: name of a person, or a code */
                esc_attr(sprintf(__('Send the e-mail to %s again', 'floodgate'), $who)),
                esc_html__('Send e-mail again', 'floodgate')
            );
        }
        $actions['delete'] = sprintf(
            '<a class="submitdelete" href="%s" aria-label="%s">%s</a>',
            esc_url(Address::of(View::Cancel, $this->course, ['claim' => $item->id])),
            /* translators: %s: name of a person, or a code */
            esc_attr(sprintf(__('Cancel the registration of %s', 'floodgate'), $who)),
            esc_html__('Cancel registration', 'floodgate')
        );
        return $this->row_actions($actions);
    }

    /** @return array<string, string> */
    private function placeActions(Entry $item): array
    {
        $state = ($this->places[$item->id] ?? null)?->state;
        if ($state?->stands() !== true) {
            return [];
        }
        $actions = $item->isErased() ? [] : ['edit' => $this->correction($item)];
        if ($state === PlaceState::Offered) {
            $actions['take'] = sprintf(
                '<a href="%s" aria-label="%s">%s</a>',
                esc_url(TakeOfferScreen::address($this->course, $item)),
                /* translators: %s: name of a person */
                esc_attr(sprintf(__('Take the seat for %s', 'floodgate'), $item->name)),
                esc_html__('Take the seat for this person', 'floodgate')
            );
        }
        $actions['delete'] = sprintf(
            '<a class="submitdelete" href="%s" aria-label="%s">%s</a>',
            esc_url(Address::of(View::LeaveList, $this->course, ['place' => $item->id])),
            /* translators: %s: name of a person */
            esc_attr(sprintf(__('Take %s off the waiting list', 'floodgate'), $item->name)),
            esc_html__('Take off the list', 'floodgate')
        );
        return $actions;
    }

    private function correction(Entry $item): string
    {
        return sprintf(
            '<a href="%s" aria-label="%s">%s</a>',
            esc_url(CorrectScreen::address($this->course, $this->part, $item->id)),
            /* translators: %s: name of a person */
            esc_attr(sprintf(__('Correct the registration of %s', 'floodgate'), $item->name)),
            esc_html__('Correct', 'floodgate')
        );
    }
}
