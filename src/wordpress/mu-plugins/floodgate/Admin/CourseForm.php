<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\SiteInfo;
use Floodgate\Registration\Course;
use Floodgate\Registration\CourseDraft;
use Floodgate\Registration\LocalTime;
use Floodgate\Registration\Mistake;
use Floodgate\Registration\Picture;
use Floodgate\Registration\Refusal;
use Floodgate\Registration\TypedText;

/** A course as a form holds it, with whatever is wrong in it; what was typed is never lost. */
final class CourseForm
{
    public const SEATS_MAX = 1_000_000;
    private const TITLE_MAX = 200;
    private const PLACE_MAX = 200;
    public const SUMMARY_MAX = 300;
    private const ALT_MAX = 200;
    /** Inputs that are ticked or not. */
    private const TICKS = ['one_per_email', 'waiting_list', 'draft'];
    public const REMIND_MAX = 720;
    public const OFFER_MAX = 720;
    private const SLUG = '/^[a-z0-9]+(?:-[a-z0-9]+)*$/';
    private const SLUG_MAX = 64;

    public FormMistakes $mistakes;

    /** What stands in the place of an input's name for the organiser's fields, which are changed as one. */
    private const FIELDS = 'fields';

    /**
     * @param array<string, string> $values by the input's name
     * @param self|null $shown what the form held when it was shown: what is otherwise now was typed
     */
    private function __construct(public array $values, public readonly FieldRows $fields, private ?self $shown = null)
    {
        $this->mistakes = new FormMistakes();
    }

    /** What the form held when it was shown, for a hidden input. */
    public function shown(): string
    {
        $shown = $this->shown ?? $this;
        return (string) wp_json_encode([...$shown->values, self::FIELDS => $shown->fields->rows]);
    }

    /**
     * What somebody else has changed since the form was shown comes in, where it was left alone here. Where both changed
     * one thing, both are said, and what was typed is saved by the next press on the button.
     */
    public function mergeWith(Course $now): void
    {
        $shown = $this->shown;
        if ($shown === null) {
            return;
        }
        $theirs = self::of($now);
        foreach ($this->values as $name => $typed) {
            $isTheirs = self::plain($theirs->values[$name]) !== self::plain($shown->values[$name]);
            if (!$isTheirs) {
                continue;
            }
            if (self::plain($typed) === self::plain($shown->values[$name])) {
                $this->values[$name] = $theirs->values[$name];
            } elseif (self::plain($typed) !== self::plain($theirs->values[$name])) {
                $this->mistakes->add($name, sprintf(
                    /* translators: 1: what somebody else has saved, 2: what was typed */
                    __('Somebody else has changed this to “%1$s” in the meantime. You have “%2$s”. Save again to keep yours.', 'floodgate'),
                    $theirs->shortly($name),
                    $this->shortly($name)
                ));
            }
        }
        if ($theirs->fields->rows !== $shown->fields->rows) {
            if ($this->fields->rows === $shown->fields->rows) {
                $this->fields->rows = $theirs->fields->rows;
            } elseif ($this->fields->rows !== $theirs->fields->rows) {
                $this->mistakes->add('fields', sprintf(
                    /* translators: 1: what somebody else has saved, 2: what was typed */
                    __('Somebody else has changed the fields to “%1$s” in the meantime. You have “%2$s”. Save again to keep yours.', 'floodgate'),
                    implode(', ', array_column($theirs->fields->rows, 'label')),
                    implode(', ', array_column($this->fields->rows, 'label'))
                ));
            }
        }
        $this->shown = $theirs;
    }

    private function shortly(string $name): string
    {
        $value = match (true) {
            in_array($name, self::TICKS, true) => $this->values[$name] === '' ? __('no', 'floodgate') : __('yes', 'floodgate'),
            $name === 'picture' && $this->values[$name] !== '' => get_the_title((int) $this->values[$name]),
            default => $this->values[$name],
        };
        return mb_strimwidth(TypedText::line(wp_strip_all_tags($value)), 0, 200, '…');
    }

    /** Browsers write line ends, and seconds where there are none, in ways of their own. */
    private static function plain(string $value): string
    {
        return trim((string) preg_replace(['/\R/u', '/(T\d\d:\d\d):00(\.0+)?$/'], ["\n", '$1'], $value));
    }

    public static function of(?Course $course): self
    {
        if ($course === null) {
            return new self(['seats' => '20', 'one_per_email' => '1', 'remind' => '24', 'waiting_list' => '', 'offer' => '24'], FieldRows::of([]));
        }
        $zone = Words::zone($course);
        return new self([
            'title' => $course->title,
            'slug' => $course->slug,
            'text' => Paragraphs::forEditing($course->text),
            'opens' => LocalTime::fromMilliseconds($course->opensAt, $zone),
            'closes' => $course->closesAt === null ? '' : LocalTime::fromMilliseconds($course->closesAt, $zone),
            'zone' => (string) $course->timeZone,
            'seats' => (string) $course->seats,
            'one_per_email' => $course->onePerEmail ? '1' : '',
            'starts' => $course->startsAt === null ? '' : LocalTime::fromMilliseconds($course->startsAt, $zone),
            'ends' => $course->endsAt === null ? '' : LocalTime::fromMilliseconds($course->endsAt, $zone),
            'place' => $course->place,
            'remind' => (string) $course->remindHours,
            'summary' => $course->summary,
            'picture' => (string) $course->picture?->id,
            'picture_alt' => (string) $course->picture?->alt,
            'draft' => $course->isDraft ? '1' : '',
            'waiting_list' => $course->waitingList ? '1' : '',
            'offer' => (string) ceil($course->offerMinutes / 60),
        ], FieldRows::of($course->fields));
    }

    /** @param array<mixed> $post without slashes */
    public static function submitted(array $post): self
    {
        $value = static fn (string $name): string => is_string($post[$name] ?? null) ? wp_check_invalid_utf8($post[$name], true) : '';
        $names = [
            'title', 'slug', 'text', 'opens', 'closes', 'zone', 'seats', 'one_per_email', 'starts', 'ends', 'place', 'remind',
            'waiting_list', 'offer', 'summary', 'picture', 'picture_alt', 'draft',
        ];
        $values = array_combine($names, array_map($value, $names));
        $typed = $values['text'];
        $values['text'] = wp_kses_post($typed);
        $shown = is_string($post['shown'] ?? null) ? json_decode($post['shown'], true, 5) : null;
        if (isset($post['picture_remove'])) {
            $values['picture'] = $values['picture_alt'] = '';
        }
        $form = new self(
            $values,
            FieldRows::submitted(is_array($post['fields'] ?? null) ? $post['fields'] : []),
            is_array($shown) ? self::submitted(array_diff_key($shown, ['shown' => ''])) : null
        );
        $takenOut = ShownText::takenOut($typed, $values['text']);
        if ($takenOut !== []) {
            $form->mistakes->add('text', sprintf(
                /* translators: %s: names of HTML elements, such as <iframe> */
                __('A course’s text cannot have %s. It has been taken out; save again if the rest is right.', 'floodgate'),
                '<' . implode('>, <', $takenOut) . '>'
            ));
        }
        return $form;
    }

    /** The file that came with the form, if any: it is in the media library from now on, whatever else is wrong. */
    public function takePicture(): void
    {
        if (!Pictures::isSent()) {
            return;
        }
        $taken = Pictures::take();
        if (is_int($taken)) {
            $this->values['picture'] = (string) $taken;
        } else {
            /* translators: %s: why */
            $this->mistakes->add(Pictures::FILE, sprintf(__('The picture could not be taken: %s', 'floodgate'), $taken));
        }
    }

    /** @param Course|null $course what is changed; null: a new one */
    public function draft(?Course $course): ?CourseDraft
    {
        $zone = $this->zone($course);
        $opens = $this->moment('opens', $zone, $course, $course?->opensAt);
        $closes = $this->optional('closes', $zone, $course, $course?->closesAt);
        $starts = $this->optional('starts', $zone, $course, $course?->startsAt);
        $ends = $this->optional('ends', $zone, $course, $course?->endsAt);
        if ($ends !== null && ($starts === null || $ends <= $starts)) {
            $this->mistakes->add('ends', __('The course must end after it begins.', 'floodgate'));
        }
        if ($opens !== null && $closes !== null && $closes <= $opens) {
            $this->mistakes->add('closes', __('Registration must close after it opens.', 'floodgate'));
        }
        $over = $ends ?? $starts;
        if ($over !== null && $opens !== null && $over <= $opens) {
            // A year that was not changed with the others: the course would be on no list.
            $this->mistakes->add('starts', __('The course would be over before registration opens.', 'floodgate'));
        }
        $draft = [
            'title' => $this->title(),
            'slug' => $this->slug(),
            'seats' => $this->seats(),
            'place' => $this->place(),
            'remindHours' => $this->remindHours(),
            'summary' => $this->summary(),
            'picture' => $this->picture($course?->picture),
            'text' => $this->text($course),
            'isDraft' => $this->values['draft'] !== '',
            'offerMinutes' => $this->offerMinutes($course),
            'fields' => $course !== null && $this->fields->rows === FieldRows::of($course->fields)->rows
                ? $course->fields
                : $this->fields->read($this->mistakes),
        ];
        if (!$this->mistakes->none()) {
            return null;
        }
        return new CourseDraft(
            ...$draft,
            opensAt: (int) $opens,
            closesAt: $closes,
            timeZone: $this->values['zone'] === '' ? null : $this->values['zone'],
            onePerEmail: $this->values['one_per_email'] !== '',
            waitingList: $this->values['waiting_list'] !== '',
            startsAt: $starts,
            endsAt: $ends,
        );
    }

    /** What the database did not accept. */
    public function refuse(Refusal $refusal, ?Course $now): void
    {
        match ($refusal) {
            Refusal::SlugTaken => $this->mistakes->add('slug', __('Another course has this address. Please choose a different one.', 'floodgate')),
            Refusal::SeatsBelowTaken => $this->mistakes->add('seats', sprintf(
                /* translators: %s: number of seats */
                __('%s seats are taken already or held for somebody: there cannot be fewer. Cancel registrations first.', 'floodgate'),
                number_format_i18n((int) $now?->taken + (int) $now?->held)
            )),
            Refusal::IdentityFixed => $this->mistakes->add(
                'one_per_email',
                __('This cannot be changed any more: somebody is registered or waits, and could get a second seat.', 'floodgate')
            ),
            Refusal::Changed => $this->mistakes->add('title', __('Somebody else changed this course at the same moment. Please save again.', 'floodgate')),
            Refusal::NotEmpty, Refusal::Gone => $this->mistakes->add(
                'title',
                __('Somebody has deleted this course in the meantime. Add it again if you need it.', 'floodgate')
            ),
        };
    }

    private function title(): string
    {
        $title = TypedText::line($this->values['title']);
        if ($title === '') {
            $this->mistakes->add('title', __('Please enter a title.', 'floodgate'));
        } elseif (mb_strlen($title) > self::TITLE_MAX) {
            /* translators: %d: number of characters */
            $this->mistakes->add('title', sprintf(__('Please shorten the title to %d characters.', 'floodgate'), self::TITLE_MAX));
        }
        return $title;
    }

    /** The end of an address made from a title in any script; empty when the title has no letter that one can be made from. */
    public static function slugOf(string $title): string
    {
        // Apostrophes and their like stand within a word.
        $latin = (string) transliterator_transliterate("Any-Latin; Latin-ASCII; [\\p{Lm}'’‘`] Remove", remove_accents($title));
        $dashed = (string) preg_replace('/[^a-z0-9]+/', '-', strtolower($latin));
        return trim(substr(trim($dashed, '-'), 0, self::SLUG_MAX), '-');
    }

    /** Was the address left to be made from the title? Then another one is as good. */
    public function isAddressOpen(): bool
    {
        return trim($this->values['slug']) === '';
    }

    /** @param int $number of the courses that would have this address, from 2 */
    public static function numbered(string $slug, int $number): string
    {
        return rtrim(substr($slug, 0, self::SLUG_MAX - strlen("-$number")), '-') . "-$number";
    }

    private function slug(): string
    {
        $slug = $this->isAddressOpen() ? (self::slugOf($this->values['title']) ?: 'course') : trim($this->values['slug']);
        if (preg_match(self::SLUG, $slug) !== 1 || strlen($slug) > self::SLUG_MAX) {
            $this->mistakes->add('slug', __(
                'The address may have small letters from a to z, digits, and single dashes between them; at most 64 characters.',
                'floodgate'
            ));
        }
        return $slug;
    }

    private function seats(): int
    {
        $seats = filter_var(trim($this->values['seats']), FILTER_VALIDATE_INT, [
            'options' => ['min_range' => 1, 'max_range' => self::SEATS_MAX],
        ]);
        if ($seats === false) {
            $this->mistakes->add('seats', sprintf(
                /* translators: %s: largest number of seats */
                __('Please enter the number of seats: 1 to %s.', 'floodgate'),
                number_format_i18n(self::SEATS_MAX)
            ));
        }
        return (int) $seats;
    }

    private function remindHours(): ?int
    {
        $typed = trim($this->values['remind']);
        $hours = filter_var($typed, FILTER_VALIDATE_INT, ['options' => ['min_range' => 1, 'max_range' => self::REMIND_MAX]]);
        if ($typed !== '' && $hours === false) {
            /* translators: %d: number of hours */
            $this->mistakes->add('remind', sprintf(__('Please enter a number of hours from 1 to %d, or leave it empty.', 'floodgate'), self::REMIND_MAX));
        }
        return $hours === false ? null : $hours;
    }

    private function offerMinutes(?Course $course): int
    {
        $hours = filter_var(trim($this->values['offer']), FILTER_VALIDATE_INT, ['options' => ['min_range' => 1, 'max_range' => self::OFFER_MAX]]);
        if ($hours === false) {
            /* translators: %d: number of hours */
            $this->mistakes->add('offer', sprintf(__('Please enter a number of hours from 1 to %d.', 'floodgate'), self::OFFER_MAX));
            return 0;
        }
        // Whoever did not touch it keeps it, to the minute.
        return $course !== null && $hours === (int) ceil($course->offerMinutes / 60) ? $course->offerMinutes : $hours * 60;
    }

    private function place(): string
    {
        $place = TypedText::line($this->values['place']);
        if (mb_strlen($place) > self::PLACE_MAX) {
            /* translators: %d: number of characters */
            $this->mistakes->add('place', sprintf(__('Please shorten the place to %d characters.', 'floodgate'), self::PLACE_MAX));
        }
        return $place;
    }

    private function summary(): string
    {
        $summary = TypedText::line($this->values['summary']);
        if (mb_strlen($summary) > self::SUMMARY_MAX) {
            /* translators: %d: number of characters */
            $this->mistakes->add('summary', sprintf(__('Please shorten the summary to %d characters.', 'floodgate'), self::SUMMARY_MAX));
        }
        return $summary;
    }

    private function picture(?Picture $known): ?Picture
    {
        $id = (int) $this->values['picture'];
        $alt = TypedText::line($this->values['picture_alt']);
        if (mb_strlen($alt) > self::ALT_MAX) {
            /* translators: %d: number of characters */
            $this->mistakes->add('picture_alt', sprintf(__('Please shorten what the picture shows to %d characters.', 'floodgate'), self::ALT_MAX));
        }
        if ($id === 0 || ($known?->id === $id && $known->alt === $alt)) {
            return $id === 0 ? null : $known;
        }
        $picture = Pictures::of($id, $alt);
        if ($picture === null) {
            $this->mistakes->add(Pictures::FILE, __('The picture is not in the media library (any more). Please choose another one.', 'floodgate'));
        }
        return $picture;
    }

    /** What nobody has touched stays as it is. */
    private function text(?Course $course): string
    {
        if ($course !== null && self::plain($this->values['text']) === self::plain(wp_kses_post(Paragraphs::forEditing($course->text)))) {
            return $course->text;
        }
        $elsewhere = ShownText::elsewhere($this->values['text']);
        if ($elsewhere !== []) {
            $this->mistakes->add('text', self::saysElsewhere($elsewhere));
        }
        return Paragraphs::forReading($this->values['text']);
    }

    /** @param non-empty-list<string> $addresses that a course's page does not show */
    public static function saysElsewhere(array $addresses): string
    {
        return sprintf(
            /* translators: %s: address of a picture */
            __('The page of a course shows only what lies on this site, so this would not be seen: %s. Upload it under Media, and put its address there in the place of this one.', 'floodgate'),
            implode(', ', $addresses)
        );
    }

    private function zone(?Course $course): \DateTimeZone
    {
        $name = $this->values['zone'];
        $zone = SiteInfo::zone($name);
        $isOffered = in_array($name, \DateTimeZone::listIdentifiers(), true) || $name === $course?->timeZone;
        if ($name !== '' && ($zone === null || !$isOffered)) {
            $this->mistakes->add('zone', __('Please choose a time zone from the list.', 'floodgate'));
            $zone = null;
        }
        return $zone ?? wp_timezone();
    }

    /** @param int|null $known what the course has now, in milliseconds */
    private function optional(string $name, \DateTimeZone $zone, ?Course $course, ?int $known): ?int
    {
        return trim($this->values[$name]) === '' ? null : $this->moment($name, $zone, $course, $known);
    }

    /** @param int|null $known what the course has now, in milliseconds */
    private function moment(string $name, \DateTimeZone $zone, ?Course $course, ?int $known): ?int
    {
        // Some browsers write the seconds also where there are none.
        $typed = (string) preg_replace('/(T\d\d:\d\d):00(\.0+)?$/', '$1', $this->values[$name]);
        // Whoever did not touch it keeps it, to the millisecond.
        if ($course !== null && $known !== null && $zone->getName() === Words::zone($course)->getName()
            && $typed === LocalTime::fromMilliseconds($known, $zone)) {
            return $known;
        }
        $moment = LocalTime::toMilliseconds($typed, $zone);
        if (is_int($moment)) {
            return $moment;
        }
        $this->mistakes->add($name, $moment === Mistake::Skipped
            ? sprintf(
                /* translators: %s: name of a time zone */
                __('This time does not exist in %s: the clocks are put forward over it that day. Please choose an earlier or a later one.', 'floodgate'),
                $zone->getName()
            )
            : __('Please enter a date and a time, such as 2027-03-01 18:00.', 'floodgate'));
        return null;
    }
}
