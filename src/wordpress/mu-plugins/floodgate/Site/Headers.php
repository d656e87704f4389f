<?php

declare(strict_types=1);

namespace Floodgate\Site;

/** What is said about every answer, decided when its headers are complete. */
final class Headers
{
    /** The entity tag of the page, once it is whole. */
    public static ?string $validator = null;

    public static function register(): void
    {
        // Bound now: when a page that was cut short sends its headers, PHP loads no more classes.
        $cache = PageCache::decide(...);
        $until = PageCache::until(...);
        $refuse = PageCache::refuse(...);
        $policy = ContentPolicy::decide(...);
        header_register_callback(static function () use ($cache, $until, $refuse, $policy): void {
            $headers = headers_list();
            if ($refuse((int) http_response_code(), $headers)) {
                return;
            }
            $last = $until((string) ($_SERVER['REQUEST_URI'] ?? ''), (float) $_SERVER['REQUEST_TIME_FLOAT'], microtime(true));
            foreach ([...$cache((int) http_response_code(), $headers, $last, self::$validator), ...$policy($headers)] as $header) {
                header($header);
            }
        });
    }
}
