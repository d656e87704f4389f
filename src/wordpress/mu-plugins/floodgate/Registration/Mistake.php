<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What is wrong with what was typed into one field. The words for it are chosen where it is shown. */
enum Mistake: string
{
    case Missing = 'missing';
    case TooLong = 'too-long';
    case Malformed = 'malformed';
    /** The address of a website where a name belongs. */
    case WebAddress = 'web-address';
    /** Not one of a list's choices. */
    case NotOffered = 'not-offered';
    /** A time that the clocks of its zone jump over. */
    case Skipped = 'skipped';
    /** The form itself is too old. */
    case Expired = 'expired';
    /** The field that people do not see is filled: by a program, or by a browser that fills in forms. */
    case Trapped = 'trapped';
    /** Nobody who writes so has a seat. */
    case NotRegistered = 'not-registered';
}
