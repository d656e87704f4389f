<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * Pages of this container in their best compression, which takes as long as rendering them: a page gets it when it is
 * rendered again and is the same. One that is asked for once, or changes each second, never does.
 */
final class CompressionMemory
{
    private const FILES = '/tmp/floodgate-page-';
    /** Addresses share so many places, and whoever was there before is forgotten: no crowd of addresses fills the disk. */
    private const PLACES = 256;
    /** A page as small as a course's takes two milliseconds in its best: it names its moment, and is never the same. */
    private const SMALL_BYTES = 4096;
    private const HASH = 'sha256';
    private const HASH_BYTES = 32;

    public static function brotli(string $page, string $address): string
    {
        if (strlen($page) < self::SMALL_BYTES) {
            return Brotli::encode($page, Brotli::BEST);
        }
        $file = self::FILES . crc32($address) % self::PLACES;
        $hash = hash(self::HASH, $page, true);
        $kept = (string) @file_get_contents($file);
        if (!str_starts_with($kept, $hash)) {
            self::keep($file, $hash);
            return Brotli::encode($page, Brotli::QUICK);
        }
        if (strlen($kept) > self::HASH_BYTES) {
            return substr($kept, self::HASH_BYTES);
        }
        $best = Brotli::encode($page, Brotli::BEST);
        self::keep($file, $hash . $best);
        return $best;
    }

    /** In one step: another process never reads half of it. */
    private static function keep(string $file, string $content): void
    {
        $new = tempnam(dirname($file), 'page');
        if ($new !== false && file_put_contents($new, $content) === strlen($content)) {
            rename($new, $file);
        }
    }
}
