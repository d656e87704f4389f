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
        self::handOver($root, 'db-error.php');
        // A plugin may have put a connection of its own there, and knows what it does.
        if (!is_file("$root/db.php")) {
            self::handOver($root, 'db.php');
        }
    }

    /** WordPress looks here only for how it connects, and what it answers without a database; both are the image's. */
    private static function handOver(string $root, string $name): void
    {
        $path = "$root/$name";
        $wanted = "<?php\nrequire '/var/www/wordpress/$name';\n";
        if (!is_file($path) || file_get_contents($path) !== $wanted) {
            file_put_contents($path, $wanted, LOCK_EX) ?: throw new \RuntimeException("cannot write $path");
        }
    }
}
