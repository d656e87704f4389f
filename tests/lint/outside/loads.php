<?php
/**
 * Does PHP itself take the site's code? Prints what is wrong, one fault a line: files that do not compile, and classes
 * that do not fit what they extend or implement. Arguments: folders below which all PHP lies.
 */

declare(strict_types=1);

const PLUGIN = '/var/www/wordpress/mu-plugins/floodgate';

foreach (array_slice($argv, 1) as $folder) {
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS)) as $file) {
        $path = $file->getPathname();
        $isProgram = $file->getExtension() === '' && str_starts_with((string) file_get_contents($path, length: 19), '#!/usr/bin/env php');
        if ($file->getExtension() !== 'php' && !$isProgram) {
            continue;
        }
        $said = [];
        exec('php -l ' . escapeshellarg($path) . ' 2>&1', $said, $code);
        if ($code !== 0) {
            echo implode(' ', array_filter($said)), "\n";
        }
    }
}

// Classes are linked when they are loaded. What the screens' tables extend is not autoloaded.
define('ABSPATH', '/var/www/wordpress/core/');
require ABSPATH . 'wp-admin/includes/class-wp-list-table.php';
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
