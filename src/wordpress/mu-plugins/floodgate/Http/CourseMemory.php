<?php

declare(strict_types=1);

namespace Floodgate\Http;

/**
 * Courses as the claims of this container last saw them, so that a claim need not ask first what a course asks for. A
 * hint and no more: a seat is only taken by the rules that the database has at that moment, and what is shown of the course
 * is read then, too. Only the site's own name and manners may be some seconds old.
 */
final class CourseMemory
{
    private const FOLDER = '/tmp';
    /** What changes with each claim, or with each moment. */
    private const FLEETING = ['taken', 'held', 'queued', 'now', 'code', 'own', 'site_at'];
    /** Seconds for which the site's options, its name and how it writes dates, are taken to be what they were. */
    private const SITE_FOR = 10;

    /** @return array<string, string|null>|null the course's row with the machine's time as its own */
    public static function recall(string $slug): ?array
    {
        $kept = @file_get_contents(self::file($slug));
        $row = is_string($kept) ? json_decode($kept, true) : null;
        return is_array($row) ? ['now' => (string) (int) (microtime(true) * 1000)] + $row : null;
    }

    /** @param array<string, string|null>|null $known what was recalled */
    public static function knowsSite(?array $known): bool
    {
        return $known !== null && time() - (int) $known['site_at'] < self::SITE_FOR;
    }

    /**
     * @param array<string, string|null> $row with the site's options where they were asked for
     * @param array<string, string|null>|null $known what was recalled
     * @return array<string, string|null> the row with the site's options
     */
    public static function keep(array $row, ?array $known): array
    {
        $isSiteNew = isset($row['site']);
        $row += $isSiteNew ? ['site_at' => (string) time()] : ['site' => $known['site'] ?? null, 'site_at' => $known['site_at'] ?? null];
        if ($known !== null && !$isSiteNew && self::lasting($row) === self::lasting($known)) {
            return $row;
        }
        self::write(array_diff_key($row, ['now' => true, 'code' => true, 'own' => true]));
        return $row;
    }

    /** @param array<string, string|null> $row */
    private static function write(array $row): void
    {
        // In one step: another process never reads half of it.
        $new = tempnam(self::FOLDER, 'course');
        if ($new !== false && file_put_contents($new, json_encode($row, JSON_THROW_ON_ERROR)) !== false) {
            rename($new, self::file((string) $row['slug']));
        }
    }

    public static function forget(string $slug): void
    {
        @unlink(self::file($slug));
    }

    /**
     * @param array<string, string|null> $row
     * @return array<string, string|bool|null>
     */
    private static function lasting(array $row): array
    {
        $lasting = ['full' => $row['taken'] + $row['held'] >= $row['seats'] || $row['queued'] > 0] + array_diff_key($row, array_flip(self::FLEETING));
        ksort($lasting);
        return $lasting;
    }

    private static function file(string $slug): string
    {
        return self::FOLDER . "/floodgate-course-$slug.json";
    }
}
