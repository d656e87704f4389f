<?php
/**
 * No seat left.
 *
 * @var \Floodgate\Registration\Course $course
 */

declare(strict_types=1);

?>
<p class="status"><?php esc_html_e('Sold out', 'floodgate'); ?></p>
<h2><?php esc_html_e('All seats are taken', 'floodgate'); ?></h2>
<p><?php
    /* translators: %s: number of seats */
    echo esc_html(sprintf(
        _n('The one seat of this course has been given away.', 'All %s seats of this course have been given away.', $course->seats, 'floodgate'),
        number_format_i18n($course->seats)
    ));
?></p>
<p class="note"><?php esc_html_e('If you have a confirmation code, your seat is safe.', 'floodgate'); ?></p>
