<?php
/**
 * Plugin Name: Floodgate
 * Description: Registration that opens at a set time with a set number of seats, on a site that holds the minute.
 * Text Domain: floodgate
 */

declare(strict_types=1);

namespace Floodgate;

defined('ABSPATH') || exit;

require_once __DIR__ . '/floodgate/autoload.php';

Site\LostConnection::register();
Site\Hardening::register();
Site\HiddenAccounts::register();
Site\Compression::register();
Site\Headers::register();
Site\QueryParameters::register();
Site\BundledThemes::register();
Site\CodeGeneration::register();
if (FLOODGATE_CONTENT_IN_IMAGE) {
    Site\ImageContent::register();
}
Site\CourseList::register();
Site\NotFound::register();
Site\CourseSearch::register();
Site\CourseSitemap::register();
Site\Embeds::register();
Site\Loopback::register();
Site\FrontPagePreview::register();
Site\Languages::register();
Admin\Menu::register();
Admin\Session::register();
Admin\Pictures::register();
Admin\ReadingSettings::register();
Privacy\Tools::register();
$floodgate_mail_server = Mail\MailServer::fromEnvironment();
if ($floodgate_mail_server !== null) {
    Mail\WordPressMails::register($floodgate_mail_server);
}
unset($floodgate_mail_server);
Http\Routes::register();
Http\DoorApi::register();
if ((string) getenv('STORM_TOKEN') !== '') {
    Http\StormApi::register((string) getenv('STORM_TOKEN'));
}
