<?php
/** Run once when php-fpm starts: the classes of a claim are there for every request, linked, without a look at a file. */

declare(strict_types=1);

require __DIR__ . '/mu-plugins/floodgate/autoload.php';

foreach (['Registration', 'Mail', 'Http'] as $folder) {
    foreach (glob(__DIR__ . "/mu-plugins/floodgate/$folder/*.php") as $file) {
        require_once $file;
    }
}
// Only preloaded code may call a library.
require_once __DIR__ . '/mu-plugins/floodgate/Site/Brotli.php';
