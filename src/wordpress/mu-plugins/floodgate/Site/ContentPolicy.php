<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * What a page may load and do, for pages that do not say so themselves (course pages do, and allow far less).
 *
 * WordPress, its themes and its plugins write scripts and styles into the page, so these stay allowed; what is refused is
 * everything from elsewhere that can act: scripts, connections, forms to other sites, plug-ins, another base address.
 * A site that needs more, a map or a video counter, adds it by the filter `floodgate_content_policy`.
 */
final class ContentPolicy
{
    private const EVERYWHERE = [
        'default-src' => "'self'",
        'script-src' => "'self' 'unsafe-inline'",
        'style-src' => "'self' 'unsafe-inline'",
        'img-src' => "'self' data: blob: https:",
        'media-src' => "'self' data: blob: https:",
        'font-src' => "'self' data:",
        'connect-src' => "'self'",
        'frame-src' => "'self' https:",
        'object-src' => "'none'",
        'base-uri' => "'self'",
        'form-action' => "'self'",
        'frame-ancestors' => "'self'",
    ];

    /** The dashboard compiles templates, and its editor shows the page in a frame that it makes itself. */
    private const DASHBOARD = [
        'script-src' => "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        'style-src' => "'self' 'unsafe-inline' blob:",
        'connect-src' => "'self' data: blob:",
        'frame-src' => "'self' blob: https:",
        'worker-src' => "'self' blob:",
    ];

    /**
     * @param list<string> $headers that the answer has
     * @return list<string> headers to add
     */
    public static function decide(array $headers): array
    {
        $all = strtolower(implode("\n", $headers));
        if (preg_match('#^content-type:\s*text/html#m', $all) !== 1 || str_contains($all, 'content-security-policy:')) {
            return [];
        }
        $policy = is_admin() ? [...self::EVERYWHERE, ...self::DASHBOARD] : self::EVERYWHERE;
        $policy = apply_filters('floodgate_content_policy', $policy, is_admin());
        $words = array_map(static fn (string $what, string $from): string => "$what $from", array_keys($policy), $policy);
        return ['Content-Security-Policy: ' . implode('; ', $words)];
    }
}
