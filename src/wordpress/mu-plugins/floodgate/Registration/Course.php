<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A course as the database had it at $now. Times are milliseconds since 1970 by the database's clock. */
final class Course
{
    public function __construct(
        public readonly int $id,
        public readonly string $slug,
        public readonly string $title,
        public readonly int $seats,
        public readonly int $taken,
        public readonly int $opensAt,
        public readonly int $now,
        /** HTML that was made harmless when it was saved: to be printed as it is */
        public readonly string $text = '',
        /** null: never */
        public readonly ?int $closesAt = null,
        /** IANA name; null: the site's */
        public readonly ?string $timeZone = null,
        /** @var list<Field> what the organiser asks besides name and e-mail address, in this order */
        public readonly array $fields = [],
        public readonly bool $onePerEmail = true,
        /** $fields as the database has them */
        public readonly ?string $fieldsAsKept = null,
        /** of the course itself; null: not said */
        public readonly ?int $startsAt = null,
        public readonly ?int $endsAt = null,
        /** where it is; empty: not said */
        public readonly string $place = '',
        /** so long before its beginning people are reminded; null: never */
        public readonly ?int $remindHours = null,
        /** who finds no seat may wait for one */
        public readonly bool $waitingList = false,
        /** so long a seat is held for whom it is offered to */
        public readonly int $offerMinutes = 1_440,
        /** seats that are held by offers */
        public readonly int $held = 0,
        /** people who wait and have no offer */
        public readonly int $queued = 0,
    ) {
    }

    /** @param array<string, int|float|string|null> $row of Courses::COLUMNS and `now` */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            slug: (string) $row['slug'],
            title: (string) $row['title'],
            seats: (int) $row['seats'],
            taken: (int) $row['taken'],
            opensAt: (int) $row['opens_at'],
            now: (int) $row['now'],
            text: (string) $row['text'],
            closesAt: $row['closes_at'] === null ? null : (int) $row['closes_at'],
            timeZone: $row['time_zone'] === null ? null : (string) $row['time_zone'],
            fields: Field::listFromJson((string) $row['fields']),
            onePerEmail: (bool) $row['one_per_email'],
            fieldsAsKept: $row['fields'],
            startsAt: $row['starts_at'] === null ? null : (int) $row['starts_at'],
            endsAt: $row['ends_at'] === null ? null : (int) $row['ends_at'],
            place: (string) $row['place'],
            remindHours: $row['remind_hours'] === null ? null : (int) $row['remind_hours'],
            waitingList: (bool) $row['waiting_list'],
            offerMinutes: (int) $row['offer_minutes'],
            held: (int) $row['held'],
            queued: (int) $row['queued'],
        );
    }

    public function state(): State
    {
        return match (true) {
            $this->now < $this->opensAt => State::Closed,
            $this->closesAt !== null && $this->now >= $this->closesAt => State::Ended,
            $this->left() === 0 => State::SoldOut,
            default => State::Open,
        };
    }

    /** Seats that anybody may take: none while somebody waits, who is offered the next. */
    public function left(): int
    {
        return $this->queued > 0 ? 0 : max(0, $this->seats - $this->taken - $this->held);
    }

    /** Another one when anything on its page is another, except how many seats are left. Short, and no secret. */
    public function version(): string
    {
        return hash('xxh32', serialize([
            $this->state()->value, $this->title, $this->text, $this->seats, $this->opensAt, $this->closesAt, $this->timeZone,
            $this->fieldsAsKept, $this->onePerEmail, $this->startsAt, $this->endsAt, $this->place,
            $this->waitingList,
        ]));
    }

    /** Address of the page, below the site's. */
    public function path(): string
    {
        return "/register/{$this->slug}/";
    }

    /** Address of the course's date for calendars, where its date is said. */
    public function calendarPath(): string
    {
        return "/register/{$this->slug}/course.ics";
    }

    /** Address of the form's action, below the site's. */
    public function claimPath(): string
    {
        return "/floodgate/claim/{$this->slug}/";
    }
}
