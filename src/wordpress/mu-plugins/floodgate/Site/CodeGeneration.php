<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * Plugins, themes and translations live on a volume that all tasks share, and opcache never looks at a file again. So
 * whoever changes them leaves a new generation on the volume, and each task that sees one compiles that code anew.
 *
 * Only the volume's scripts are dropped: the image's stay compiled, and opcache is not restarted, which would leave a
 * busy task without it until its last request has ended.
 */
final class CodeGeneration
{
    /** On the volume, overwritten in place: opening a file is what makes an NFS client ask the server. */
    private const GENERATION = '/.floodgate-code';
    private const LENGTH = 16;

    /** The generation that this task's opcache has; its time is when the volume was last asked. */
    private const SEEN = '/tmp/floodgate-code';

    /** Seconds between two looks at the volume by one task. */
    private const LOOK_EVERY = 1;

    private static bool $changes = false;

    /** Before any code of the volume is loaded, at each request: one stat() of a local file, nearly always. */
    public static function refresh(string $volume): void
    {
        if (PHP_SAPI !== 'fpm-fcgi') {
            return; // a command's opcache ends with it
        }
        $now = time();
        $lookedAt = @filemtime(self::SEEN);
        if ($lookedAt !== false && $now - $lookedAt < self::LOOK_EVERY) {
            return;
        }
        $generation = self::current($volume);
        $seen = $lookedAt === false ? null : (string) file_get_contents(self::SEEN);
        if ($seen === $generation) {
            touch(self::SEEN, $now);
            return;
        }
        // A new task has nothing compiled. Whoever comes while this one works sees the change a second later.
        if ($seen !== null) {
            self::drop($volume);
        }
        file_put_contents(self::SEEN, $generation, LOCK_EX);
    }

    /** What is on the volume now; another one when its code has changed. */
    public static function current(string $volume): string
    {
        return (string) @file_get_contents($volume . self::GENERATION);
    }

    /** Run by the install step: an NFS client remembers for a minute that a file was not there. */
    public static function seed(string $volume): void
    {
        if (!is_file($volume . self::GENERATION)) {
            self::tell($volume);
        }
    }

    /** Notices what WordPress does to code, and tells all tasks when it is done with it. */
    public static function register(): void
    {
        $notice = static function (mixed $value = null): mixed {
            self::$changes = true;
            return $value;
        };
        // Before the first file is touched: an update that fails half-way, and is rolled back, has changed files too.
        add_filter('upgrader_pre_install', $notice);
        // What a plugin writes by itself and says so.
        add_filter('wp_opcache_invalidate_file', $notice);
        $deeds = ['deleted_plugin', 'deleted_theme', 'activated_plugin', 'deactivated_plugin', 'switch_theme'];
        foreach ([...$deeds, 'upgrader_process_complete'] as $deed) {
            add_action($deed, $notice);
        }
        // A rollback is WordPress's own work at shutdown.
        add_action('shutdown', static function (): void {
            if (self::$changes) {
                self::tell(WP_CONTENT_DIR);
            }
        }, PHP_INT_MAX);
    }

    private static function tell(string $volume): void
    {
        $file = fopen($volume . self::GENERATION, 'cb');
        if ($file === false || fwrite($file, bin2hex(random_bytes(self::LENGTH / 2))) !== self::LENGTH) {
            error_log("floodgate: cannot write $volume" . self::GENERATION . ': other tasks keep running the code from before');
        }
        $file === false || fclose($file);
    }

    private static function drop(string $volume): void
    {
        $status = function_exists('opcache_get_status') ? opcache_get_status() : false;
        $dropped = 0;
        foreach (array_keys($status['scripts'] ?? []) as $script) {
            if (str_starts_with($script, "$volume/")) {
                $dropped += (int) opcache_invalidate($script, true);
            }
        }
        error_log("floodgate: code on the volume has changed; $dropped compiled scripts dropped");
    }
}
