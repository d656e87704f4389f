<?php
/**
 * Lower this process's priority, once in its life: of eight that render pages beside one editor, the editor's gets a quarter
 * of the processor and not a ninth. (php-fpm's own setting for that, process.priority, needs root.)
 */

declare(strict_types=1);

(static function (): void {
    $nice = 5;
    // "pid (name) state ...": the nice value is the 17th field after the name.
    $stat = (string) file_get_contents('/proc/self/stat');
    if ((int) explode(' ', substr($stat, (int) strrpos($stat, ')') + 2))[16] < $nice) {
        proc_nice($nice);
    }
})();
