<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * What the site asks itself, as Site Health does, goes to the nginx of the same task: the site's own address is the load balancer's,
 * which a task need not reach, and which a person may have protected.
 */
final class Loopback
{
    private const NGINX = 'http://127.0.0.1:8080';
    /** Scheduled work has a task of its own, and no address: whoever asks for that one wants to know whether the site answers itself. */
    private const CRON = '/wp-cron.php';

    public static function register(): void
    {
        // A command's container has no nginx beside it.
        if (PHP_SAPI === 'fpm-fcgi') {
            add_filter('pre_http_request', self::send(...), 10, 3);
        }
        // "X-Cache: MISS" says as well as "HIT" that there is a cache; "BYPASS" says that there is none for this page.
        add_filter('site_status_page_cache_supported_cache_headers', static fn (array $headers): array => [
            ...$headers,
            'x-cache' => static fn (string $value): bool => in_array(strtoupper($value), ['HIT', 'MISS', 'STALE', 'UPDATING'], true),
        ]);
    }

    /**
     * @param false|array<string, mixed>|\WP_Error $answer of another filter
     * @param array<string, mixed> $arguments
     * @return false|array<string, mixed>|\WP_Error
     */
    private static function send(mixed $answer, array $arguments, string $url): mixed
    {
        $site = home_url();
        $isOwn = $url === $site || preg_match('#^' . preg_quote($site, '#') . '[/?]#', $url) === 1;
        if ($answer !== false || !$isOwn || $site === self::NGINX) {
            return $answer;
        }
        $headers = is_array($arguments['headers'] ?? null) ? $arguments['headers'] : \WP_Http::processHeaders((string) ($arguments['headers'] ?? ''))['headers'];
        $port = parse_url($site, PHP_URL_PORT);
        $path = substr($url, strlen($site));
        $isCron = str_starts_with($path, self::CRON);
        return wp_remote_request(self::NGINX . ($isCron ? '/' : $path), [
            ...$arguments,
            ...($isCron ? ['method' => 'GET', 'body' => null] : []),
            'headers' => [
                ...$headers,
                'Host' => parse_url($site, PHP_URL_HOST) . ($port === null ? '' : ":$port"),
                'X-Forwarded-Proto' => (string) parse_url($site, PHP_URL_SCHEME),
            ],
            // It leads to an address of the site again, which is looked up anew.
            'reject_unsafe_urls' => false,
        ]);
    }
}
