<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * Sends a page whole: compressed where the client can read that, and with its length.
 *
 * nginx keeps the body as it comes. Compressing each answer again would cost 27 times more than sending it, and a body
 * without a length is sent in chunks, a system call more for each reload.
 */
final class Compression
{
    /** zlib's default: nine takes twice the time for one percent. */
    private const LEVEL = 6;
    private const WORTHWHILE_BYTES = 1000;
    private const TYPES = '#^(text/|application/(json|javascript|xml|rss\+xml|atom\+xml|manifest\+json)|image/svg)#i';

    public static function register(): void
    {
        // Loaded now: when a page that was cut short is sent, PHP loads no more classes.
        array_map(class_exists(...), [Brotli::class, CompressionMemory::class, PageCache::class, Validator::class]);
        ob_start(self::send(...));
    }

    private static function send(string $body, int $phase): string
    {
        $whole = ($phase & (PHP_OUTPUT_HANDLER_START | PHP_OUTPUT_HANDLER_CLEAN | PHP_OUTPUT_HANDLER_FINAL))
            === (PHP_OUTPUT_HANDLER_START | PHP_OUTPUT_HANDLER_FINAL);
        if ($whole && !headers_sent() && LostConnection::happened()) {
            LostConnection::answer();
            return '';
        }
        // An installation shows its progress: it ends the buffer, and goes on. Only at the end is a page whole.
        if (!$whole || did_action('shutdown') === 0 || headers_sent()) {
            return $body;
        }
        $headers = strtolower(implode("\n", headers_list()));
        if (preg_match('/^(content-encoding|content-length|content-range|x-accel-redirect):/m', $headers) === 1) {
            return $body;
        }
        Headers::$validator = Validator::of($body, self::address());
        if (strlen($body) >= self::WORTHWHILE_BYTES && self::isText($headers)) {
            header('Vary: Accept-Encoding', false);
            $coding = self::accepted((string) ($_SERVER['HTTP_ACCEPT_ENCODING'] ?? ''));
            if ($coding !== null) {
                $body = match (true) {
                    $coding === 'gzip' => (string) gzencode($body, self::LEVEL),
                    PageCache::isAsked() => CompressionMemory::brotli($body, (string) ($_SERVER['REQUEST_URI'] ?? '')),
                    default => Brotli::encode($body, Brotli::QUICK),
                };
                header("Content-Encoding: $coding");
            }
        }
        if (!in_array(http_response_code(), [204, 304], true) && ($_SERVER['REQUEST_METHOD'] ?? '') !== 'HEAD') {
            header('Content-Length: ' . strlen($body));
        }
        return $body;
    }

    /** What the cache knows the page by, beside its encoding. */
    private static function address(): string
    {
        return implode(' ', array_map(static fn (string $name): string => (string) ($_SERVER[$name] ?? ''), ['HTTPS', 'HTTP_HOST', 'REQUEST_URI']));
    }

    private static function isText(string $headers): bool
    {
        $type = preg_match('/^content-type:\s*(.*)$/m', $headers, $match) === 1 ? $match[1] : 'text/html';
        return preg_match(self::TYPES, $type) === 1;
    }

    /** The best coding that the header names, other than to refuse it: br, gzip or null. */
    public static function accepted(string $header): ?string
    {
        return array_find(
            ['br', 'gzip'],
            static fn (string $coding): bool => preg_match("/\\b$coding\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))/i", $header) === 1
        );
    }
}
