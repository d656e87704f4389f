<?php
/** Classes of the namespace Floodgate are files below this folder. Used with WordPress and without. */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Floodgate\\')) {
        $file = __DIR__ . '/' . strtr(substr($class, 10), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
