<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Http\Text;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Entry;

/** The mail that a seat is taken. */
final class Confirmation
{
    public static function letter(Course $course, Entry $entry): Letter
    {
        return new Letter(
            /* translators: %s: title of a course */
            sprintf(Text::t('Your seat: %s'), $course->title),
            [
                Text::t('You have a seat. Please keep this mail: the code is your ticket.'),
                [
                    Text::t('Course') => $course->title,
                    Text::t('Name') => $entry->name,
                    Text::t('Your confirmation code') => ConfirmationCode::grouped($entry->code),
                    Text::t('Page of the course') => Text::home($course->path()),
                ],
                Text::t('You did not register? Then somebody has typed your address by mistake, and you can ignore this mail.'),
            ]
        );
    }
}
