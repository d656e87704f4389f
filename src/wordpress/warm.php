<?php
/**
 * Which pages a storm asks for, for nginx to have them before people do: one per line, scheme, host and path. Without
 * WordPress, and only nginx can ask. The newest courses first, the front page before them.
 */

declare(strict_types=1);

header('Content-Type: text/plain');

mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
try {
    $link = mysqli_init();
    $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 2);
    $link->real_connect(
        (string) getenv('DB_HOST'),
        (string) getenv('DB_USER'),
        (string) getenv('DB_PASSWORD'),
        (string) getenv('DB_NAME'),
        (int) getenv('DB_PORT'),
        null,
        MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT
    );
    $courses = $link->query(
        "SELECT slug FROM wp_floodgate_courses WHERE origin <> 'storm' AND is_draft = 0 ORDER BY id DESC LIMIT 20"
    )->fetch_all(MYSQLI_ASSOC);
} catch (mysqli_sql_exception $error) {
    http_response_code(503);
    error_log('floodgate: no list of pages: ' . $error->getMessage());
    exit;
}
$site = parse_url((string) getenv('SITE_URL'));
$host = $site['host'] . (isset($site['port']) ? ":{$site['port']}" : '');
foreach (['/', ...array_map(static fn (array $course): string => "/register/{$course['slug']}/", $courses)] as $path) {
    echo "{$site['scheme']} $host $path\n";
}
