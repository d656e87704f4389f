<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** Comma-separated values (RFC 4180) that a spreadsheet opens, and runs nothing of. */
final class Csv
{
    /** By this, spreadsheets know UTF-8. */
    public const MARK = "\u{FEFF}";

    /**
     * What people typed may begin like a formula. After an apostrophe it is text to every spreadsheet.
     *
     * @param list<string> $cells
     */
    public static function line(array $cells, string $separator): string
    {
        return implode($separator, array_map(
            static fn (string $cell): string => '"' . str_replace('"', '""', self::harmless($cell)) . '"',
            $cells
        )) . "\r\n";
    }

    private static function harmless(string $cell): string
    {
        // The wide forms of the signs are formulas in some East Asian versions of spreadsheets.
        return preg_match('/^[\s\p{C}]*[=+\-@|%＝＋－＠\t\r]/u', $cell) === 1 ? "'$cell" : $cell;
    }
}
