<?php

declare(strict_types=1);

namespace Floodgate\Privacy;

use Floodgate\Admin\Words;
use Floodgate\Mail\MailServer;
use Floodgate\Mail\Outbox;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Field;
use Floodgate\Registration\LedgerPart;

/** WordPress's own privacy tools know the registrations: export, erasure, and words for the privacy policy. */
final class Tools
{
    private const BATCH = 200;

    public static function register(): void
    {
        add_filter('wp_privacy_personal_data_exporters', static fn (array $exporters): array => $exporters + ['floodgate' => [
            'exporter_friendly_name' => __('Registrations', 'floodgate'),
            'callback' => self::export(...),
        ]]);
        add_filter('wp_privacy_personal_data_erasers', static fn (array $erasers): array => $erasers + ['floodgate' => [
            'eraser_friendly_name' => __('Registrations', 'floodgate'),
            'callback' => self::erase(...),
        ]]);
        add_action('admin_init', static fn () => wp_add_privacy_policy_content(__('Registration', 'floodgate'), self::policy()));
    }

    /** @return array{data: list<array<string, mixed>>, done: bool} */
    private static function export(string $email, int $page = 1): array
    {
        $database = Database::ofWordPress();
        $outbox = new Outbox($database);
        $found = (new PersonalData($database))->of(self::address($email), self::BATCH, ($page - 1) * self::BATCH);
        return [
            'data' => array_map(static fn (array $line): array => self::item($outbox, ...$line), $found),
            'done' => count($found) < self::BATCH,
        ];
    }

    /**
     * @param list<Field> $fields the course's; what somebody answered to one that was removed stands under its key
     * @return array<string, mixed>
     */
    private static function item(Outbox $outbox, Entry $entry, string $course, array $fields, LedgerPart $part): array
    {
        $time = static fn (int $milliseconds): string => gmdate('Y-m-d H:i:s', intdiv($milliseconds, 1000)) . ' UTC';
        $data = [
            [__('Course', 'floodgate'), $course],
            [__('Name', 'floodgate'), $entry->name],
            [__('E-mail address', 'floodgate'), EmailAddress::shown($entry->email)],
            ...($part === LedgerPart::Waiting ? [[__('On the waiting list since', 'floodgate'), $time($entry->claimedAt)]] : [
                [__('Code', 'floodgate'), ConfirmationCode::grouped($entry->code)],
                [__('Registered', 'floodgate'), $time($entry->claimedAt)],
            ]),
        ];
        if ($entry->cancelledAt !== null) {
            $data[] = [__('Cancelled', 'floodgate'), $time($entry->cancelledAt)];
        }
        $asked = array_column($fields, null, 'key');
        foreach ($entry->answers as $key => $answer) {
            $field = $asked[$key] ?? null;
            $data[] = $field === null ? [(string) $key, $answer] : [$field->label, Words::answer($field->type, $answer)];
        }
        foreach ($outbox->about($entry->code) as $mail) {
            if (($mail['kind']->part() === LedgerPart::Waiting) === ($part === LedgerPart::Waiting)) {
                $state = Words::mail($mail['state']);
                $data[] = [Words::mailKind($mail['kind']), $mail['at'] === null ? $state : "$state, {$time($mail['at'])}"];
            }
        }
        return [
            'group_id' => 'floodgate',
            'group_label' => __('Registrations', 'floodgate'),
            'group_description' => __('Courses that this person registered for.', 'floodgate'),
            'item_id' => "floodgate-{$part->value}-{$entry->code}",
            'data' => array_map(static fn (array $line): array => ['name' => $line[0], 'value' => $line[1]], $data),
        ];
    }

    /** @return array{items_removed: bool, items_retained: bool, messages: list<string>, done: bool} */
    private static function erase(string $email): array
    {
        $erased = (new PersonalData(Database::ofWordPress()))->erase(self::address($email), self::BATCH);
        return [
            'items_removed' => $erased > 0,
            'items_retained' => false,
            'messages' => $erased === 0 ? [] : [
                __('Name, e-mail address and answers were erased from the registrations. The seats stay taken under their codes; to release a seat, cancel its registration as well.', 'floodgate'),
            ],
            'done' => $erased < self::BATCH,
        ];
    }

    /** As a claim keeps it. */
    private static function address(string $email): string
    {
        return EmailAddress::inAscii(trim($email));
    }

    private static function policy(): string
    {
        $paragraphs = [
            __('Suggested text:', 'floodgate'),
            __('When you register for a course, we keep your name, your e-mail address, your answers to the questions of the form, the time, and a confirmation code, in order to run the course and to keep your seat for you.', 'floodgate'),
            MailServer::isSet()
                ? __('We send you the confirmation by e-mail, by a provider that does so for us, and keep whether it was handed over. For the registration we set no cookie.', 'floodgate')
                : __('We send no e-mail for the registration, set no cookie, and hand your data to nobody else.', 'floodgate'),
            __('To keep programs from filling in the form, we count requests from your network address for a short time; the address is not stored with your registration.', 'floodgate'),
            __('If a registration is cancelled, we keep it with the time of the cancellation. We keep registrations until the course is deleted from this site.', 'floodgate'),
            __('You can ask us for a copy of your data or for its erasure. After an erasure, your seat is kept under its confirmation code alone, unless you ask us to cancel it too.', 'floodgate'),
        ];
        return '<p class="privacy-policy-tutorial">' . esc_html__('Registration keeps what people type into the form. Check that the text below is what you do, and say how long you keep courses.', 'floodgate')
            . '</p><p><strong class="privacy-policy-tutorial">' . esc_html(array_shift($paragraphs)) . ' </strong>'
            . implode('</p><p>', array_map(esc_html(...), $paragraphs)) . '</p>';
    }
}
