<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * Tells nginx how long it may keep an anonymous page: to the end of the second in which its rendering began.
 *
 * So a change, or an opening, is on everybody's screen within a second, however long the rendering took.
 */
final class PageCache
{
    /**
     * @param list<string> $headers that the page has
     * @param int $began second since 1970 in which the request reached PHP
     * @return list<string> headers to add or replace
     */
    public static function decide(int $status, array $headers, int $began): array
    {
        $all = strtolower(implode("\n", $headers)) . "\n";
        $private = preg_match('/^set-cookie:|^cache-control:.*\b(no-store|private|no-cache)\b/m', $all) === 1;
        $varies = preg_match('/^vary:(?!\s*accept-encoding\s*$)/m', $all) === 1;
        if ($varies) {
            return ['X-Accel-Expires: 0'];
        }
        // WordPress marks every 404 as private. In an anonymous request it is the same for everybody.
        if (!in_array($status, [200, 301, 302, 404], true) || ($private && $status !== 404)) {
            return [];
        }
        return ["X-Accel-Expires: @$began", 'Cache-Control: no-cache'];
    }
}
