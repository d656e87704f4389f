<?php
/** The form of a course, sent. WordPress is not loaded: a claim costs a fraction of a page. */

declare(strict_types=1);

require __DIR__ . '/mu-plugins/floodgate/autoload.php';

Floodgate\Http\LeanClaim::answer();
