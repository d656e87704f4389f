<?php
/** The site's claim, form to answer, by the same classes and with all of WordPress loaded. */

declare(strict_types=1);

require '/var/www/wordpress/core/wp-load.php';

use Floodgate\Http\ClaimHandler;
use Floodgate\Registration\Claims;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\FormToken;
use Floodgate\Registration\WaitingList;

$database = Database::ofWordPress();
$handler = new ClaimHandler(new Claims($database), new WaitingList($database), new FormToken((string) getenv('WP_SALT')));
$handler->handle((new Courses($database))->find((string) $_GET['slug']), wp_unslash($_POST))->send('text/html');
