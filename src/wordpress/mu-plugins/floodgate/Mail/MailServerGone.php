<?php

declare(strict_types=1);

namespace Floodgate\Mail;

/** The mail server does not take mails now. None of them is lost: they wait. */
final class MailServerGone extends \RuntimeException
{
}
