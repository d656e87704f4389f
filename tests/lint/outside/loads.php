<?php
/**
 * Does PHP itself take the site's code? Prints what is wrong, one fault a line: files that do not compile, and classes
 * that do not fit what they extend or implement. Arguments: folders below which all PHP lies.
 */

declare(strict_types=1);

const PLUGIN = '/var/www/wordpress/mu-plugins/floodgate';

$paths = [];
foreach (array_slice($argv, 1) as $folder) {
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS)) as $file) {
        $path = $file->getPathname();
        $isProgram = $file->getExtension() === '' && str_starts_with((string) file_get_contents($path, length: 19), '#!/usr/bin/env php');
        if ($file->getExtension() === 'php' || $isProgram) {
            $paths[] = $path;
        }
    }
}
// One PHP looks at them all (8.3 and later): a start for each file took most of the time.
exec('php -l ' . implode(' ', array_map(escapeshellarg(...), $paths)) . ' 2>&1', $said, $code);
$sound = array_filter($said, static fn (string $line): bool => str_starts_with($line, 'No syntax errors detected in '));
if ($code !== 0 || count($sound) !== count($paths)) {
    echo count($sound), ' of ', count($paths), ' files compile: ', implode(' ', array_filter(array_diff($said, $sound))), "\n";
}

// Classes are linked when they are loaded. What the screens' tables and the site map extend is not autoloaded.
define('ABSPATH', '/var/www/wordpress/core/');
require ABSPATH . 'wp-admin/includes/class-wp-list-table.php';
require ABSPATH . 'wp-includes/sitemaps/class-wp-sitemaps-provider.php';
require PLUGIN . '/autoload.php';
register_shutdown_function(static function (): void {
    $error = error_get_last();
    if ($error !== null) {
        echo $error['message'], "\n";
        exit(0); // what was found is said; PHP's own code for it would hide it
    }
});
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator(PLUGIN, FilesystemIterator::SKIP_DOTS)) as $file) {
    if (preg_match('#/([A-Z]\w+/[A-Z]\w+)\.php$#', $file->getPathname(), $match) === 1) {
        $class = 'Floodgate\\' . strtr($match[1], '/', '\\');
        if (!class_exists($class) && !interface_exists($class)) {
            echo "$class is not in its file\n";
        }
    }
}
