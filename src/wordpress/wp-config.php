<?php
/**
 * WordPress's configuration: constants from the environment, nothing else.
 *
 * It lies one folder above core, where WordPress looks second. The container's entry point has checked the variables.
 */

declare(strict_types=1);

$floodgate_env = static fn (string $name): string => (string) getenv($name);
$floodgate_url = rtrim($floodgate_env('SITE_URL'), '/');

define('DB_HOST', $floodgate_env('DB_HOST') . ':' . $floodgate_env('DB_PORT'));
define('DB_NAME', $floodgate_env('DB_NAME'));
define('DB_USER', $floodgate_env('DB_USER'));
define('DB_PASSWORD', $floodgate_env('DB_PASSWORD'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
// Encrypted, and with the right server: of the two, the first alone does not look whose certificate it is.
define('MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT);
$table_prefix = 'wp_';

// One secret gives all eight, the same in every task: people stay logged in whichever task answers.
$floodgate_salt = static fn (string $name): string => hash_hmac('sha512', $name, $floodgate_env('WP_SALT'));
define('AUTH_KEY', $floodgate_salt('AUTH_KEY'));
define('AUTH_SALT', $floodgate_salt('AUTH_SALT'));
define('SECURE_AUTH_KEY', $floodgate_salt('SECURE_AUTH_KEY'));
define('SECURE_AUTH_SALT', $floodgate_salt('SECURE_AUTH_SALT'));
define('LOGGED_IN_KEY', $floodgate_salt('LOGGED_IN_KEY'));
define('LOGGED_IN_SALT', $floodgate_salt('LOGGED_IN_SALT'));
define('NONCE_KEY', $floodgate_salt('NONCE_KEY'));
define('NONCE_SALT', $floodgate_salt('NONCE_SALT'));

define('WP_HOME', $floodgate_url);
define('WP_SITEURL', $floodgate_url);
define('WP_ENVIRONMENT_TYPE', $floodgate_env('FLOODGATE_STAGE') === 'prod' ? 'production' : 'staging');
define('WP_DEFAULT_THEME', 'floodgate');

// Content is the volume; must-use plugins are the image's. In GitOps mode plugins and themes are the image's as well.
define('WP_CONTENT_DIR', '/var/www/content');
define('WP_CONTENT_URL', $floodgate_url . '/wp-content');
define('FLOODGATE_CONTENT_IN_IMAGE', $floodgate_env('FLOODGATE_CONTENT') === 'image');
if (FLOODGATE_CONTENT_IN_IMAGE) {
    define('WP_PLUGIN_DIR', __DIR__ . '/core/image-content/plugins');
    define('WP_PLUGIN_URL', $floodgate_url . '/image-content/plugins');
    define('DISALLOW_FILE_MODS', true);
}
define('WPMU_PLUGIN_DIR', __DIR__ . '/mu-plugins');
define('WPMU_PLUGIN_URL', $floodgate_url . '/mu-plugins');
define('WP_TEMP_DIR', '/tmp');
define('FS_METHOD', 'direct');
define('FS_CHMOD_DIR', 0755);
define('FS_CHMOD_FILE', 0644);

// Core comes with the image, so the web neither updates it nor edits code. Visitors do not run scheduled work either:
// `floodgate-cron` does, once, wherever it is scheduled.
define('WP_AUTO_UPDATE_CORE', false);
define('DISALLOW_FILE_EDIT', true);
define('DISABLE_WP_CRON', true);

// Scripts one by one are static files, which cost no PHP; joined, each screen of the dashboard would ask PHP for them.
define('CONCATENATE_SCRIPTS', false);
define('SCRIPT_DEBUG', false); // the legible scripts are not in the image
define('WP_DEBUG', false);

require_once __DIR__ . '/mu-plugins/floodgate/Site/CodeGeneration.php';
Floodgate\Site\CodeGeneration::refresh(WP_CONTENT_DIR);

unset($floodgate_env, $floodgate_url, $floodgate_salt);

defined('ABSPATH') || define('ABSPATH', __DIR__ . '/core/');
require_once ABSPATH . 'wp-settings.php';
