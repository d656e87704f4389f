<?php
/** A claim with all of WordPress loaded, by the plugin's own classes: the site's path for editors, without its login. */

declare(strict_types=1);

require '/var/www/wordpress/core/wp-load.php';

use Floodgate\Registration\Claimant;
use Floodgate\Registration\Claims;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

$database = Database::ofWordPress();
$course = (new Courses($database))->find((string) $_GET['slug']);
$claimant = Claimant::from((string) wp_unslash($_POST['name']), (string) wp_unslash($_POST['email']));
[$outcome, $code] = (new Claims($database))->claim($course, $claimant);
status_header($code !== null ? 200 : 409);
echo $code ?? $outcome->name;
