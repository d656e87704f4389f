<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Http\Calendar;
use Floodgate\Http\CourseFacts;
use Floodgate\Http\Text;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Entry;
use Floodgate\Registration\SeatLink;

/** What the mails to somebody who has a seat say. */
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
                Text::t('You have a seat. Please keep this mail: the code is your ticket.'),
                $this->ticket(),
                ...$this->giveBack(),
                Text::t('You did not register? Then somebody has typed your address by mistake, and you can ignore this mail.'),
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

    /** What an organiser wrote. */
    public function message(Message $message): Letter
    {
        $paragraphs = preg_split('/\R\s*\R/u', trim($message->text)) ?: [];
        return new Letter($message->subject, [
            ...$paragraphs,
            /* translators: %s: title of a course */
            sprintf(Text::t('You get this mail because you have a seat in this course: %s'), $this->course->title),
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

    /** @return list<string|array<string, string>> */
    private function giveBack(): array
    {
        $link = new SeatLink((string) getenv('WP_SALT'));
        return [
            Text::t('You cannot come? Please give the seat back for somebody else:'),
            [Text::t('Your seat') => Text::home($link->path($this->course->slug, $this->entry->id, $this->entry->claimedAt))],
        ];
    }

    private function calendar(): ?string
    {
        return $this->course->startsAt === null ? null : Calendar::of($this->course);
    }
}
