<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\SiteInfo;
use Floodgate\Http\Text;
use Floodgate\Mail\MailKind;
use Floodgate\Mail\MailState;
use Floodgate\Registration\Course;
use Floodgate\Registration\FieldType;
use Floodgate\Registration\State;

/** What several screens say in the same words. */
final class Words
{
    public static function state(State $state): string
    {
        return match ($state) {
            State::Closed => __('Not open yet', 'floodgate'),
            State::Open => __('Open', 'floodgate'),
            State::SoldOut => __('Sold out', 'floodgate'),
            State::Ended => __('Ended', 'floodgate'),
        };
    }

    public static function mail(MailState $state): string
    {
        return match ($state) {
            MailState::Waiting, MailState::Sending => __('Waiting to be sent', 'floodgate'),
            MailState::Sent => __('Sent', 'floodgate'),
            MailState::Refused => __('Refused by the mail server', 'floodgate'),
            MailState::Unknown => __('Perhaps sent: the connection broke', 'floodgate'),
            MailState::Dropped => __('Not sent', 'floodgate'),
        };
    }

    public static function mailKind(MailKind $kind): string
    {
        return match ($kind) {
            MailKind::Confirmation => __('E-mail: the seat is confirmed', 'floodgate'),
            MailKind::Reminder => __('E-mail: the course begins soon', 'floodgate'),
            MailKind::Message => __('E-mail: a message from the organisers', 'floodgate'),
            MailKind::Queued => __('E-mail: a place on the waiting list', 'floodgate'),
            MailKind::Offer => __('E-mail: a seat is offered', 'floodgate'),
            MailKind::OfferEnded => __('E-mail: the seat was passed on', 'floodgate'),
            MailKind::Cancelled => __('E-mail: the registration was cancelled', 'floodgate'),
            MailKind::TakenOff => __('E-mail: taken off the waiting list', 'floodgate'),
        };
    }

    /** How many mails are in which state. @param array<string, int> $counts by state, in the order in which they are said */
    public static function mails(array $counts): string
    {
        return implode(', ', array_map(
            static fn (string $state, int $count): string => self::mail(MailState::from($state)) . ': ' . number_format_i18n($count),
            array_keys($counts),
            $counts
        ));
    }

    public static function seats(Course $course): string
    {
        return sprintf(
            /* translators: 1: seats taken, 2: all seats */
            __('%1$s of %2$s', 'floodgate'),
            number_format_i18n($course->taken),
            number_format_i18n($course->seats)
        );
    }

    /** In the course's own time zone. @param int $milliseconds since 1970 */
    public static function time(int $milliseconds, Course $course): string
    {
        $zone = self::zone($course);
        $seconds = intdiv($milliseconds, 1000);
        $words = (string) wp_date(Text::site()->dayFormat . ', ' . Text::site()->clockFormat, $seconds, $zone);
        return "$words " . Text::zoneName((new \DateTimeImmutable("@$seconds"))->setTimezone($zone));
    }

    /** One whose name is not known (any more) is the site's: the moments stay as they are. */
    public static function zone(Course $course): \DateTimeZone
    {
        return SiteInfo::zone($course->timeZone) ?? wp_timezone();
    }

    /** What to say where the course's time zone is not known; empty where it is. */
    public static function unknownZone(Course $course): string
    {
        return $course->timeZone === null || SiteInfo::zone($course->timeZone) !== null ? '' : sprintf(
            /* translators: 1: name of a time zone, 2: name of another one */
            __('The time zone “%1$s” is not known here. Times are shown in %2$s; please choose a time zone and save the course.', 'floodgate'),
            $course->timeZone,
            wp_timezone()->getName()
        );
    }

    /** @return array<string, string> name by type */
    public static function fieldTypes(): array
    {
        return [
            FieldType::Text->value => __('One line of text', 'floodgate'),
            FieldType::Textarea->value => __('Several lines of text', 'floodgate'),
            FieldType::Select->value => __('Choice from a list', 'floodgate'),
            FieldType::Checkbox->value => __('Checkbox', 'floodgate'),
            FieldType::Number->value => __('Number', 'floodgate'),
            FieldType::Tel->value => __('Phone number', 'floodgate'),
        ];
    }

    /** What a person answered, for people to read. */
    public static function answer(FieldType $type, string $value): string
    {
        return $type === FieldType::Checkbox && $value !== '' ? __('Yes', 'floodgate') : $value;
    }
}
