<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use Floodgate\Http\Text;
use PHPMailer\PHPMailer\PHPMailer;

/** What a mail says, as text and as a page that shows the same. */
final class Letter
{
    /**
     * @param list<string|array<string, string>> $parts sentences, and facts by what they are called; a fact that is an address is a link
     * @param string|null $calendar an event for the reader's calendar
     * @param int $written so many parts at the beginning are an organiser's own words
     */
    public function __construct(
        private readonly string $subject,
        private readonly array $parts,
        private readonly ?string $calendar = null,
        private readonly int $written = 0,
    ) {
    }

    /** The mail, as it is handed in. */
    public function message(MailServer $server, string $to, string $name): string
    {
        $mail = new PHPMailer(true);
        $server->carry($mail);
        // Not the container's name, nor which program this is.
        $mail->Hostname = substr($server->from, (int) strrpos($server->from, '@') + 1);
        $mail->XMailer = ' ';
        $mail->CharSet = PHPMailer::CHARSET_UTF8;
        $mail->setFrom($server->from, Text::siteName(), false);
        $mail->addAddress($to, $name);
        // No answer of a machine, please, such as one of somebody who is on holiday.
        $mail->addCustomHeader('Auto-Submitted', 'auto-generated');
        $mail->Subject = $this->subject;
        $mail->isHTML();
        // In ASCII: PHPMailer would send letters as they are, whether the server takes them or not, and one that does not
        // may change them on the way. Its way to write them keeps a line's end only where it is a mail's.
        $mail->Encoding = PHPMailer::ENCODING_QUOTED_PRINTABLE;
        $mail->Body = PHPMailer::normalizeBreaks($this->html(), "\r\n");
        $mail->AltBody = PHPMailer::normalizeBreaks($this->text(), "\r\n");
        if ($this->calendar !== null) {
            $mail->addStringAttachment($this->calendar, 'course.ics', PHPMailer::ENCODING_BASE64, 'text/calendar; charset=utf-8');
        }
        $mail->preSend();
        return $mail->getSentMIMEMessage();
    }

    public function text(): string
    {
        $blocks = array_map(static fn (string|array $part): string => is_string($part)
            ? $part
            : implode("\n", array_map(static fn (string $name, string $value): string => "$name: $value", array_keys($part), $part)), $this->parts);
        return implode("\n\n", $blocks) . "\n";
    }

    private function html(): string
    {
        // Each text in its own direction, whatever the mail's is.
        $block = static fn (string|array $part, string $language): string => is_string($part)
            ? "<p dir=\"auto\"$language>" . Text::html($part) . '</p>'
            : '<table>' . implode('', array_map(self::row(...), array_keys($part), $part)) . '</table>';
        $blocks = array_map(
            fn (int $at): string => $block($this->parts[$at], $at < $this->written ? Text::siteLanguage() : ''),
            array_keys($this->parts)
        );
        $title = Text::html($this->subject);
        return '<!doctype html><html ' . Text::languageAttributes() . "><head><meta charset=\"utf-8\"><title>$title</title></head>"
            . '<body' . Text::ownLanguage() . ' style="font-family: sans-serif; line-height: 1.5">' . implode("\n", $blocks) . '</body></html>';
    }

    private static function row(string $name, string $value): string
    {
        $link = Text::url($value);
        $shown = Text::html($value);
        return '<tr><th scope="row" dir="auto" style="text-align: start; padding-inline-end: 1em">' . Text::html($name) . '</th><td dir="auto">'
            . ($link === '' ? $shown : "<a href=\"$link\">$shown</a>") . '</td></tr>';
    }
}
