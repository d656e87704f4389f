<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Confirmation codes: 12 characters that nobody confuses when reading them aloud, 59 bits, shown in groups of four. */
final class ConfirmationCode
{
    private const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

    public static function random(): string
    {
        $code = '';
        for ($i = 0; $i < 12; $i++) {
            $code .= self::ALPHABET[random_int(0, strlen(self::ALPHABET) - 1)];
        }
        return $code;
    }

    public static function grouped(string $code): string
    {
        return implode('-', str_split($code, 4));
    }
}
