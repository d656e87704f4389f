<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** A course's text: kept as harmless HTML that any page prints as it is, typed with blank lines between paragraphs. */
final class Paragraphs
{
    /** @param string $typed has been through wp_kses_post() */
    public static function forReading(string $typed): string
    {
        return trim(wpautop(trim($typed)));
    }

    public static function forEditing(string $html): string
    {
        $lines = (string) preg_replace('#<br\s*/?>\n?#', "\n", $html);
        return trim((string) preg_replace('#<p>(.*?)</p>\s*#s', "$1\n\n", $lines));
    }
}
