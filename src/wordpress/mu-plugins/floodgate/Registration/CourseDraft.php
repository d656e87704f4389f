<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What an organiser decides about a course; each value has been checked on its own. Times as in Course. */
final class CourseDraft
{
    /** @param list<Field> $fields */
    public function __construct(
        public readonly string $slug,
        public readonly string $title,
        public readonly string $text,
        public readonly int $seats,
        public readonly int $opensAt,
        public readonly ?int $closesAt,
        public readonly ?string $timeZone,
        public readonly array $fields,
        public readonly bool $onePerEmail,
        public readonly ?int $startsAt = null,
        public readonly ?int $endsAt = null,
        public readonly string $place = '',
        public readonly ?int $remindHours = null,
        public readonly bool $waitingList = false,
        public readonly int $offerMinutes = 1_440,
        public readonly string $summary = '',
        public readonly ?Picture $picture = null,
        public readonly bool $isDraft = false,
    ) {
    }

    public static function of(Course $course): self
    {
        return new self(
            $course->slug,
            $course->title,
            $course->text,
            $course->seats,
            $course->opensAt,
            $course->closesAt,
            $course->timeZone,
            $course->fields,
            $course->onePerEmail,
            $course->startsAt,
            $course->endsAt,
            $course->place,
            $course->remindHours,
            $course->waitingList,
            $course->offerMinutes,
            $course->summary,
            $course->picture,
            $course->isDraft,
        );
    }

    /** The same at another address. */
    public function at(string $slug): self
    {
        return new self(...['slug' => $slug] + get_object_vars($this));
    }

    /** @return array<string, int|string|null> value by column */
    public function columns(): array
    {
        return [
            'slug' => $this->slug,
            'title' => $this->title,
            'text' => $this->text,
            'seats' => $this->seats,
            'opens_at' => $this->opensAt,
            'closes_at' => $this->closesAt,
            'time_zone' => $this->timeZone,
            'fields' => Field::listToJson($this->fields),
            'one_per_email' => (int) $this->onePerEmail,
            'starts_at' => $this->startsAt,
            'ends_at' => $this->endsAt,
            'place' => $this->place,
            'remind_hours' => $this->remindHours,
            'waiting_list' => (int) $this->waitingList,
            'offer_minutes' => $this->offerMinutes,
            'summary' => $this->summary,
            'picture' => $this->picture?->toJson(),
            'is_draft' => (int) $this->isDraft,
        ];
    }
}
