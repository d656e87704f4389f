<?php
/** What a claim cannot cost less than in PHP: the plugin's transaction on its tables, in one round trip, and nothing else. */

declare(strict_types=1);

$link = mysqli_init();
$link->real_connect('p:' . getenv('DB_HOST'), getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), (int) getenv('DB_PORT'));
$course = (int) $_GET['course'];
$code = bin2hex(random_bytes(6));
$key = hash('sha256', strtolower($_POST['email']));
$name = $link->real_escape_string($_POST['name']);
$email = $link->real_escape_string($_POST['email']);
$now = 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)';
$more = $link->multi_query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    INSERT INTO wp_floodgate_claims (course_id, claim_key, code, name, email, claimed_at)
        SELECT id, UNHEX('$key'), '$code', '$name', '$email', $now FROM wp_floodgate_courses
        WHERE id = $course AND taken < seats AND opens_at <= $now AND (closes_at IS NULL OR closes_at > $now) FOR UPDATE;
    UPDATE wp_floodgate_courses SET taken = taken + 1
        WHERE id = $course AND EXISTS (SELECT 1 FROM wp_floodgate_claims WHERE code = '$code');
    COMMIT");
$changed = [];
while ($more) {
    $changed[] = $link->affected_rows;
    $more = $link->more_results() && $link->next_result();
}
$sold = ($changed[2] ?? 0) === 1;
http_response_code($sold ? 200 : 409);
echo $sold ? $code : 'no seat';
