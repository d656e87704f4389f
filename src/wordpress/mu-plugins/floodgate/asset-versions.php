<?php
/**
 * What changes with each file in assets/. The image's build writes it (Dockerfile), or each claim would read its page's files;
 * where files are edited under the running site it stays empty.
 */

declare(strict_types=1);

return [];
