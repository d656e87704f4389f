<?php
/**
 * Readiness: can this task reach its database, is the site installed there, and does WordPress render its front page?
 * Strangers get a word, the log gets the reason.
 */

declare(strict_types=1);

/** Bytes: WordPress without a theme answers 200 with nothing, and any real page is longer than this. */
const FLOODGATE_SMALLEST_PAGE = 500;

header('Content-Type: application/json');
header('Cache-Control: no-store');

/** @param array<string, mixed> $answer */
function floodgate_ready(int $status, array $answer): string
{
    // A whole line: WordPress may have sent one, and it wins over a code.
    header("HTTP/1.1 $status " . ($status === 200 ? 'OK' : 'Service Unavailable'));
    return json_encode($answer, JSON_THROW_ON_ERROR) . "\n";
}

// First without WordPress, which cannot answer when there is no site.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
try {
    $floodgate_link = mysqli_init();
    $floodgate_link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 2);
    $floodgate_link->real_connect(
        (string) getenv('DB_HOST'),
        (string) getenv('DB_USER'),
        (string) getenv('DB_PASSWORD'),
        (string) getenv('DB_NAME'),
        (int) getenv('DB_PORT'),
        null,
        MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT
    );
    $floodgate_link->query("SELECT 1 FROM wp_options WHERE option_name = 'siteurl'")->fetch_row()
        ?? throw new mysqli_sql_exception('the site is not installed');
    $floodgate_link->query('SELECT 1 FROM wp_floodgate_courses LIMIT 1');
    $floodgate_link->close();
} catch (mysqli_sql_exception $error) {
    error_log('floodgate: not ready: ' . $error->getMessage());
    echo floodgate_ready(503, ['ready' => false, 'reason' => 'database']);
    exit;
}
unset($floodgate_link);

// The front page goes nowhere: when it is whole, or has ended in whatever way, the answer stands in its place.
ob_start(static function (string $part, int $phase): string {
    static $length = 0;
    $length += strlen($part);
    if (($phase & PHP_OUTPUT_HANDLER_FINAL) === 0) {
        return '';
    }
    $status = (int) http_response_code();
    header_remove();
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    if ($status === 503) {
        error_log('floodgate: not ready: WordPress has lost its database');
        return floodgate_ready(503, ['ready' => false, 'reason' => 'database']);
    }
    if ($status >= 500 || ($status === 200 && $length < FLOODGATE_SMALLEST_PAGE)) {
        error_log("floodgate: not ready: the front page has the status $status and $length bytes");
        return floodgate_ready(503, ['ready' => false, 'reason' => 'page']);
    }
    return floodgate_ready(200, [
        'ready' => true,
        'stage' => (string) getenv('FLOODGATE_STAGE'),
        'commit' => (string) getenv('FLOODGATE_COMMIT'),
        // The branch says whether an upgrade arrived; the patch level would tell a stranger which holes are open.
        'wordpress' => implode('.', array_slice(explode('.', (string) $GLOBALS['wp_version']), 0, 2)),
    ]);
});
// Everybody's front page under the site's own name, whoever asks and as what.
$floodgate_site = parse_url((string) getenv('SITE_URL'));
$_GET = $_POST = $_REQUEST = $_COOKIE = [];
foreach (['HTTP_COOKIE', 'HTTP_AUTHORIZATION', 'HTTP_ACCEPT_ENCODING', 'PHP_AUTH_USER', 'PHP_AUTH_PW', 'HTTPS'] as $floodgate_name) {
    unset($_SERVER[$floodgate_name]);
}
$_SERVER = [
    ...$_SERVER,
    'REQUEST_METHOD' => 'GET',
    'REQUEST_URI' => '/',
    'QUERY_STRING' => '',
    'SCRIPT_NAME' => '/index.php',
    'PHP_SELF' => '/index.php',
    'HTTP_HOST' => $floodgate_site['host'] . (isset($floodgate_site['port']) ? ":{$floodgate_site['port']}" : ''),
    ...($floodgate_site['scheme'] === 'https' ? ['HTTPS' => 'on'] : []),
];
require __DIR__ . '/core/index.php';
