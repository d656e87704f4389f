<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** Comma-separated values (RFC 4180) that a spreadsheet opens, changes nothing of, and runs nothing of. */
final class Csv
{
    /** By this, spreadsheets know UTF-8. */
    public const MARK = "\u{FEFF}";
    /** Before what a spreadsheet would take for a number or a date: it shows the text alone, with its zeros. */
    private const AS_TEXT = "\t";
    private const NUMBER = '/^(?=.*\p{Nd})[\p{Nd}\s.,:;\/()+\-\x{2212}\x{2010}-\x{2015}%°\'’\p{Sc}]+(?:e[+\-]?\p{Nd}+|[ap]\.?m\.?)?$/iu';
    /** Of the languages that the plugin speaks. */
    private const MONTH = '(?:jan|feb|mar|mär|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])\p{L}{0,6}\.?';
    private const DATE = '/^(?:\p{Nd}{1,4}[\s.\/-]*' . self::MONTH . '|' . self::MONTH . '[\s.\/-]*\p{Nd}{1,4})(?:[\s.,\/-]*\p{Nd}{1,4})?$/iu';
    private const TRUTH = '/^(?:true|false|wahr|falsch)$/i';
    /** The wide forms of the signs are formulas in some East Asian versions of spreadsheets. */
    private const FORMULA = '/^[\s\p{C}]*[=+\-@|%＝＋－＠\t\r]/u';

    /**
     * What people typed may begin like a formula. After an apostrophe it is text to every spreadsheet.
     *
     * @param list<string> $cells
     */
    public static function line(array $cells, string $separator): string
    {
        return implode($separator, array_map(
            static fn (string $cell): string => '"' . str_replace('"', '""', self::asTyped($cell, $separator)) . '"',
            $cells
        )) . "\r\n";
    }

    /** A moment, which a spreadsheet may know as one. */
    public static function isMoment(string $cell): bool
    {
        return preg_match('/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/D', $cell) === 1;
    }

    private static function asTyped(string $cell, string $separator): string
    {
        return match (true) {
            self::isPlainNumber($cell, $separator), self::isMoment($cell) => $cell,
            preg_match(self::NUMBER, $cell) === 1, preg_match(self::DATE, $cell) === 1, preg_match(self::TRUTH, $cell) === 1 => self::AS_TEXT . $cell,
            preg_match(self::FORMULA, $cell) === 1 => "'$cell",
            default => $cell,
        };
    }

    /** One of which a spreadsheet shows every digit: none before it that is a zero, and no more than it shows. */
    private static function isPlainNumber(string $cell, string $separator): bool
    {
        $point = $separator === ';' ? ',' : '\.';
        return preg_match("/^-?(?:0|[1-9]\\d{0,10})(?:$point\\d{0,3}[1-9])?\$/D", $cell) === 1;
    }
}
