<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use PHPMailer\PHPMailer\SMTP;

/** One mail, handed to the mail server. */
final class Delivery
{
    /** Seconds for the answer to the end of a mail: a server that is slow is not one that has lost it. */
    private const PATIENCE = 30;

    /**
     * @param MailState $state Sent, Refused, Unknown; or Waiting: to be tried later
     * @param string|null $id the mail server's name for it, when sent
     * @param string|null $said what the server said, when not
     */
    private function __construct(
        public readonly MailState $state,
        public readonly ?string $id = null,
        public readonly ?string $said = null,
    ) {
    }

    /** One that no server need be asked about. */
    public static function refused(string $reason): self
    {
        return new self(MailState::Refused, said: $reason);
    }

    public static function of(SMTP $line, string $from, string $to, string $message): self
    {
        $accepted = $line->mail($from) && $line->recipient($to);
        if ($accepted) {
            $line->Timeout = $line->Timelimit = self::PATIENCE;
            $accepted = $line->data($message);
        }
        if ($accepted) {
            return new self(MailState::Sent, self::id($line));
        }
        $error = $line->getError();
        $code = (int) $error['smtp_code'];
        // Every line of the mail is there; its end was told, and the server has said nothing of it.
        $ended = str_starts_with((string) $error['error'], 'DATA END');
        $said = trim("$code " . ($error['detail'] ?: $error['error']));
        $line->reset();
        return new self(match (true) {
            $code >= 500 => MailState::Refused,
            $code === 0 && $ended => MailState::Unknown,
            default => MailState::Waiting,
        }, said: $said);
    }

    private static function id(SMTP $line): string
    {
        $id = $line->getLastTransactionID();
        return mb_substr(is_string($id) && $id !== '' ? trim($id) : trim((string) $line->getLastReply()), 0, 255);
    }
}
