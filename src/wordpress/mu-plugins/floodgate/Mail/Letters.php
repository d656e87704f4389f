<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Http\Calendar;
use Floodgate\Http\CourseFacts;
use Floodgate\Http\Text;
use Floodgate\Registration\Cancellations;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Entry;
use Floodgate\Registration\SeatLink;

/** What the mails to somebody who has a seat, or waits for one, say. */
final class Letters
{
    public function __construct(private readonly Course $course, private readonly Entry $entry)
    {
    }

    /** That a seat is taken. */
    public function confirmation(): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Your seat: %s'), $this->course->title),
            [
                Text::t('You have a seat. Please keep this e-mail: the code is your ticket.'),
                $this->ticket(),
                ...$this->giveBack(),
                Text::t('You did not register? Then somebody has typed your address by mistake, and you can ignore this e-mail.'),
            ],
            $this->calendar()
        );
    }

    /** That the course is soon. */
    public function reminder(): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Soon: %s'), $this->course->title),
            [Text::t('The course for which you have a seat begins soon.'), $this->ticket(), ...$this->giveBack()],
            $this->calendar()
        );
    }

    /** That somebody is on the waiting list. */
    public function queued(): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Waiting list: %s'), $this->course->title),
            [
                Text::t('You are on the waiting list. When a seat becomes free for you, you get an e-mail, and have some time to take it.'),
                $this->facts(),
                Text::t('Here you can see your place, or give it up:'),
                $this->placeLink(),
                Text::t('You did not ask for this? Then somebody has typed your address by mistake, and you can ignore this e-mail.'),
            ]
        );
    }

    /** That a seat is held. @param int $until milliseconds since 1970 */
    public function offer(int $until): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('A seat for you: %s'), $this->course->title),
            [
                /* translators: %s: date and time */
                sprintf(Text::t('A seat has become free, and it is held for you until %s. Then it goes to the next person.'), Text::date($until, $this->course->timeZone)),
                $this->facts(),
                Text::t('Here you can take it, or leave it to somebody else:'),
                $this->placeLink(),
            ]
        );
    }

    /** That it is not held any more. */
    public function offerEnded(): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Your seat was passed on: %s'), $this->course->title),
            [
                Text::t('The seat that was held for you was not taken in time and has gone to the next person on the waiting list. If you would still like to come, please join the list again.'),
                $this->facts(),
            ]
        );
    }

    /** That a seat was given back. */
    public function cancelled(): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Cancelled: %s'), $this->course->title),
            [
                $this->entry->cancelledBy === Cancellations::BY_THE_PERSON
                    ? Text::t('You have given your seat back, and somebody else can have it now. Thank you for letting us know. Your code is no longer valid.')
                    : Text::t('The organisers have cancelled your registration, and your code is no longer valid. Please ask them if you did not expect this.'),
                $this->facts(),
                ...($this->course->startsAt === null ? [] : [Text::t('If the course is in your calendar, please remove it there.')]),
            ]
        );
    }

    /** That an organiser has ended a place on the waiting list. */
    public function takenOff(): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Waiting list: %s'), $this->course->title),
            [
                Text::t('The organisers have taken you off the waiting list. Please ask them if you did not expect this.'),
                $this->facts(),
            ]
        );
    }

    /** What an organiser wrote. */
    public function message(Message $message): Letter
    {
        $paragraphs = preg_split('/\R\s*\R/u', trim($message->text)) ?: [];
        return new Letter($message->subject, [
            ...$paragraphs,
            /* translators: %s: title of a course */
            sprintf(Text::t('You get this e-mail because you have a seat in this course: %s'), $this->course->title),
            ...$this->giveBack(),
        ], written: count($paragraphs));
    }

    /** @return array<string, string> */
    private function ticket(): array
    {
        return [
            Text::t('Course') => $this->course->title,
            ...CourseFacts::of($this->course),
            Text::t('Name') => $this->entry->name,
            Text::t('Your confirmation code') => ConfirmationCode::grouped($this->entry->code),
            Text::t('Page of the course') => Text::home($this->course->path()),
        ];
    }

    /** @return array<string, string> */
    private function facts(): array
    {
        return [
            Text::t('Course') => $this->course->title,
            ...CourseFacts::of($this->course),
            Text::t('Name') => $this->entry->name,
            Text::t('Page of the course') => Text::home($this->course->path()),
        ];
    }

    /** @return array<string, string> */
    private function placeLink(): array
    {
        $link = new SeatLink((string) getenv('WP_SALT'));
        return [Text::t('Your place on the waiting list') => Text::home($link->placePath($this->course->slug, $this->entry->id, $this->entry->claimedAt))];
    }

    /** @return list<string|array<string, string>> */
    private function giveBack(): array
    {
        $link = new SeatLink((string) getenv('WP_SALT'));
        return [
            Text::t('You cannot come? Please give your seat back, so that somebody else can have it:'),
            [Text::t('Your seat') => Text::home($link->path($this->course->slug, $this->entry->id, $this->entry->claimedAt))],
        ];
    }

    private function calendar(): ?string
    {
        return $this->course->startsAt === null ? null : Calendar::of($this->course);
    }
}
