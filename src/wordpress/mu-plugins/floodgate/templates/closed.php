<?php
/**
 * Before the opening.
 *
 * @var \Floodgate\Registration\Course $course
 */

declare(strict_types=1);

use Floodgate\Http\Page;

?>
<p class="status"><?php esc_html_e('Not open yet', 'floodgate'); ?></p>
<h2><?php esc_html_e('Registration opens', 'floodgate'); ?></h2>
<p class="when"><time data-local datetime="<?php echo esc_attr(gmdate('c', intdiv($course->opensAt, 1000))); ?>"><?php
    echo esc_html(Page::date($course->opensAt));
?></time></p>
<div class="countdown" data-countdown hidden aria-hidden="true">
<div><b data-unit="86400">0</b><span><?php esc_html_e('days', 'floodgate'); ?></span></div>
<div><b data-unit="3600">00</b><span><?php esc_html_e('hours', 'floodgate'); ?></span></div>
<div><b data-unit="60">00</b><span><?php esc_html_e('minutes', 'floodgate'); ?></span></div>
<div><b data-unit="1">00</b><span><?php esc_html_e('seconds', 'floodgate'); ?></span></div>
</div>
<p class="note"><?php
    /* translators: %s: number of seats */
    echo esc_html(sprintf(_n('There is %s seat.', 'There are %s seats.', $course->seats, 'floodgate'), number_format_i18n($course->seats)));
?> <?php esc_html_e('The form appears here by itself when registration opens. You do not need to reload the page.', 'floodgate'); ?></p>
