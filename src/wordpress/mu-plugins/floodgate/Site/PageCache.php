<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * Tells nginx how long it may keep an anonymous page: to the end of the second in which its rendering began.
 *
 * So a change, or an opening, is on everybody's screen within a second, however long the rendering took. A page that took
 * longer than that would be old when it is done, and those who waited for it would wait for the next one.
 */
final class PageCache
{
    /** Statuses of what everybody may get. */
    private const PAGES = [200, 301, 302, 404];

    /** What nginx knows as "not for everybody": it asks again, past the cache, for each person. */
    private const UNCACHED = 529;
    /** Seconds after which a page was long in the making. */
    private const LONG = 1.0;
    /** Where pages say at once what has changed, and no plugin makes them slow. */
    private const COURSES = '/register/';
    /** Seconds for which nginx remembers that of an address. */
    private const REMEMBERED = 10;
    /** Seconds after its last for which a page is shown to who asks while somebody renders the next one. */
    private const SHOWN_BESIDE = 2;

    /**
     * @param list<string> $headers that the page has
     * @param int $until the last second since 1970 in which it may be shown
     * @param string|null $validator of the page; null where it was not sent whole
     * @return list<string> headers to add or replace
     */
    public static function decide(int $status, array $headers, int $until, ?string $validator = null): array
    {
        // An error is over when it is mended, whatever a plugin says of its age: to nginx, and to whoever else keeps pages.
        if ($status >= 400 && $status !== 404) {
            return ['X-Accel-Expires: 0', 'Cache-Control: no-store'];
        }
        if (!self::isForEverybody($status, $headers)) {
            return ['X-Accel-Expires: 0'];
        }
        $cached = ["X-Accel-Expires: @$until", 'Cache-Control: no-cache, stale-while-revalidate=' . self::SHOWN_BESIDE];
        // Only the cache answers that a page is the same still, and only of one that is there. A feed has a validator of its own.
        return $validator === null || $status !== 200 || !self::isAsked() || preg_grep('/^etag:/i', $headers) !== []
            ? $cached
            : [...$cached, "ETag: $validator"];
    }

    /**
     * The last second since 1970 in which a page may be shown: the one in which it began, or the one after that in which
     * it is done, so that each who waits sees it at their next look, half a second later at most.
     *
     * @param float $began moment in which the request reached PHP
     * @param float $done moment in which the page is whole
     */
    public static function until(string $address, float $began, float $done): int
    {
        $long = $done - $began > self::LONG && !str_starts_with($address, self::COURSES);
        return $long ? (int) $done + 1 : (int) $began;
    }

    /**
     * In the place of a page that the cache has asked for and must not keep: its lock lets one person at a time through.
     * Made when headers are sent; the page is made again, for the same person.
     *
     * @param list<string> $headers that the page has
     */
    public static function refuse(int $status, array $headers): bool
    {
        if (!self::isAsked() || !in_array($status, self::PAGES, true) || self::isForEverybody($status, $headers)) {
            return false;
        }
        header_remove();
        // A whole line: WordPress has sent one, and it wins over a code.
        header('HTTP/1.1 ' . self::UNCACHED . ' Not for everybody');
        header('X-Accel-Expires: ' . self::REMEMBERED);
        return true;
    }

    /** Whether the answer goes through the cache. */
    public static function isAsked(): bool
    {
        return !in_array($_SERVER['FLOODGATE_CACHE'] ?? '', ['', 'BYPASS'], true);
    }

    /** @param list<string> $headers */
    private static function isForEverybody(int $status, array $headers): bool
    {
        $all = strtolower(implode("\n", $headers)) . "\n";
        $cookie = str_contains("\n$all", "\nset-cookie:");
        $private = preg_match('/^cache-control:.*\b(no-store|private|no-cache)\b/m', $all) === 1;
        $varies = preg_match('/^vary:(?!\s*accept-encoding\s*$)/m', $all) === 1;
        // WordPress marks every 404 as private. In an anonymous request it is the same for everybody.
        return in_array($status, self::PAGES, true) && !$varies && !$cookie && (!$private || $status === 404);
    }
}
