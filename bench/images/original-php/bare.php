<?php
/** What a claim cannot cost less than in PHP: the plugin's transaction on its tables, and nothing else. */

declare(strict_types=1);

$link = mysqli_init();
$link->real_connect('p:' . getenv('DB_HOST'), getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), (int) getenv('DB_PORT'));
$course = (int) $_GET['course'];
$code = bin2hex(random_bytes(5));
$link->query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
$link->query('START TRANSACTION');
$link->execute_query(
    'INSERT IGNORE INTO wp_floodgate_claims (course_id, claim_key, code, name, email, claimed_at)
     VALUES (?, ?, ?, ?, ?, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED))',
    [$course, hash('sha256', strtolower($_POST['email']), true), $code, $_POST['name'], $_POST['email']]
);
$inserted = $link->affected_rows === 1;
$sold = false;
if ($inserted) {
    $link->execute_query('UPDATE wp_floodgate_courses SET taken = taken + 1 WHERE id = ? AND taken < seats', [$course]);
    $sold = $link->affected_rows === 1;
}
$link->query($sold ? 'COMMIT' : 'ROLLBACK');
http_response_code($sold ? 200 : 409);
echo $sold ? $code : 'no seat';
