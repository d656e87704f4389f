<?php
/**
 * Readiness: can this task reach its database, and is the site installed there? Without WordPress, which cannot answer
 * when it is not. Strangers get a word, the log gets the reason.
 */

declare(strict_types=1);

header('Content-Type: application/json');
header('Cache-Control: no-store');

$ready = static function (): array {
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    $link = mysqli_init();
    $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 2);
    try {
        $link->real_connect(
            (string) getenv('DB_HOST'),
            (string) getenv('DB_USER'),
            (string) getenv('DB_PASSWORD'),
            (string) getenv('DB_NAME'),
            (int) getenv('DB_PORT'),
            null,
            MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT
        );
        $link->query("SELECT 1 FROM wp_options WHERE option_name = 'siteurl'")->fetch_row()
            ?? throw new mysqli_sql_exception('the site is not installed');
        $link->query('SELECT 1 FROM wp_floodgate_courses LIMIT 1');
    } catch (mysqli_sql_exception $error) {
        error_log('floodgate: not ready: ' . $error->getMessage());
        return [503, ['ready' => false, 'reason' => 'database']];
    }
    require __DIR__ . '/core/wp-includes/version.php';
    return [200, [
        'ready' => true,
        'stage' => (string) getenv('FLOODGATE_STAGE'),
        'commit' => (string) getenv('FLOODGATE_COMMIT'),
        // The branch says whether an upgrade arrived; the patch level would tell a stranger which holes are open.
        'wordpress' => implode('.', array_slice(explode('.', $wp_version), 0, 2)),
    ]];
};

[$status, $answer] = $ready();
http_response_code($status);
echo json_encode($answer, JSON_THROW_ON_ERROR), "\n";
