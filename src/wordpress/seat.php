<?php
/** One person's seat, by the link of their mail. WordPress is not loaded: it may be the minute of an opening. */

declare(strict_types=1);

require __DIR__ . '/mu-plugins/floodgate/autoload.php';

Floodgate\Http\SeatPage::answer();
