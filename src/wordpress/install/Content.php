<?php

declare(strict_types=1);

namespace Floodgate\Install;

/** The folders that WordPress expects on the volume. */
final class Content
{
    private const FOLDERS = ['plugins', 'themes', 'uploads', 'languages', 'upgrade'];

    public static function seed(string $root): void
    {
        foreach (self::FOLDERS as $folder) {
            $path = "$root/$folder";
            if (is_dir($path)) {
                continue;
            }
            if (!@mkdir($path, 0755) && !is_dir($path)) {
                throw new \RuntimeException("cannot make $path; the volume must be writable for user " . posix_geteuid());
            }
            \floodgate_say("made $path");
        }
        self::handOverDatabaseErrors("$root/db-error.php");
    }

    /** WordPress looks for its answer to a missing database here only; the answer itself is the image's. */
    private static function handOverDatabaseErrors(string $path): void
    {
        $wanted = "<?php\nrequire '/var/www/wordpress/db-error.php';\n";
        if (!is_file($path) || file_get_contents($path) !== $wanted) {
            file_put_contents($path, $wanted, LOCK_EX) ?: throw new \RuntimeException("cannot write $path");
        }
    }
}
