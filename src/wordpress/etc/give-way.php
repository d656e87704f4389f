<?php
/**
 * Lower this process's priority, once in its life: of eight that render pages beside one editor, the editor's gets a quarter
 * of the processor and not a ninth. (php-fpm's own setting for that, process.priority, needs root.)
 *
 * And make no page for nobody: where nginx has stopped waiting for one (gates.conf), its question still stands in php-fpm's
 * queue. After a minute without a database that queue takes as long as a page each, and whoever asks now is behind it.
 */

declare(strict_types=1);

if (isset($_SERVER['FLOODGATE_ASKED_AT'], $_SERVER['FLOODGATE_PATIENCE'])
    && microtime(true) - (float) $_SERVER['FLOODGATE_ASKED_AT'] > (float) $_SERVER['FLOODGATE_PATIENCE']) {
    http_response_code(503);
    exit;
}

(static function (): void {
    $nice = 5;
    // "pid (name) state ...": the nice value is the 17th field after the name.
    $stat = (string) file_get_contents('/proc/self/stat');
    if ((int) explode(' ', substr($stat, (int) strrpos($stat, ')') + 2))[16] < $nice) {
        proc_nice($nice);
    }
})();
