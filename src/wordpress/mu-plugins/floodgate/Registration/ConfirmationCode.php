<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Confirmation codes: 12 characters that nobody confuses when reading them aloud, 59 bits, shown in groups of four. */
final class ConfirmationCode
{
    private const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

    public static function random(): string
    {
        // Of the same source as random_int(), which asks the kernel anew for each character.
        return (new \Random\Randomizer(new \Random\Engine\Secure()))->getBytesFromString(self::ALPHABET, 12);
    }

    public static function grouped(string $code): string
    {
        return implode('-', str_split($code, 4));
    }
}
