<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * An e-mail address. It is kept in small letters and with its domain in ASCII, as mail servers know it: one for both forms
 * in which browsers send a domain with other letters.
 */
final class EmailAddress
{
    private const LENGTH_MAX = 254;
    private const TO_ASCII = IDNA_NONTRANSITIONAL_TO_ASCII | IDNA_USE_STD3_RULES | IDNA_CHECK_CONTEXTJ | IDNA_CHECK_BIDI;
    /** Dots where RFC 5321 wants none outside quotes: there are such mailboxes, and WordPress takes them. */
    private const PERSON = '/^[a-z0-9.!#$%&\'*+\/=?^_`{|}~-]{1,64}$/D';

    /** From one line of what was typed, in UTF-8: the address as it is kept, or what is wrong. */
    public static function from(string $typed): string|Mistake
    {
        if ($typed === '') {
            return Mistake::Missing;
        }
        $address = self::inAscii($typed);
        return match (true) {
            strlen($address) > self::LENGTH_MAX => Mistake::TooLong,
            self::isOne($address) => $address,
            default => Mistake::Malformed,
        };
    }

    /** As people read it: the domain in its own letters. */
    public static function shown(string $address): string
    {
        if (!str_contains($address, 'xn--')) {
            return $address;
        }
        [$person, $domain] = self::parts($address);
        return "$person@" . (idn_to_utf8($domain, IDNA_NONTRANSITIONAL_TO_UNICODE) ?: $domain);
    }

    /** As a mail names it (RFC 5321): quoted where its dots stand as they may not outside quotes. */
    public static function mailbox(string $address): string
    {
        [$person, $domain] = self::parts($address);
        return preg_match('/^"|^[^.]+(?:\.[^.]+)*$/D', $person) === 1 ? $address : "\"$person\"@$domain";
    }

    /** As it would be kept, whether it is an address or not. */
    public static function inAscii(string $typed): string
    {
        // A link that was copied has its scheme; no mailbox has a colon.
        $typed = (string) preg_replace('/^mailto:/i', '', $typed);
        if (preg_match('/^[\x21-\x7e]*$/D', $typed) !== 1) {
            // Marks of a direction come along when an address is copied; Japanese keyboards write letters of full width, and the @.
            [$person, $domain] = self::parts(mb_convert_kana((string) preg_replace('/\p{Bidi_C}+/u', '', $typed), 'a', 'UTF-8'));
            $typed = $domain === '' ? $person : "$person@" . (idn_to_ascii($domain, self::TO_ASCII) ?: $domain);
        }
        return strtolower($typed);
    }

    private static function isOne(string $address): bool
    {
        if (filter_var($address, FILTER_VALIDATE_EMAIL) !== false) {
            return true;
        }
        [$person, $domain] = self::parts($address);
        return preg_match(self::PERSON, $person) === 1 && filter_var("a@$domain", FILTER_VALIDATE_EMAIL) !== false;
    }

    /** @return array{string, string} before and after the last @ */
    private static function parts(string $address): array
    {
        $at = strrpos($address, '@');
        return $at === false ? [$address, ''] : [substr($address, 0, $at), substr($address, $at + 1)];
    }
}
