<?php
/**
 * A seat, confirmed.
 *
 * @var array{code: string, claimant: \Floodgate\Registration\Claimant} $view
 */

declare(strict_types=1);

?>
<p class="status"><?php esc_html_e('Confirmed', 'floodgate'); ?></p>
<h2><?php esc_html_e('You have a seat', 'floodgate'); ?></h2>
<p><?php esc_html_e('Your confirmation code:', 'floodgate'); ?></p>
<p class="code"><?php echo esc_html($view['code']); ?></p>
<dl>
<dt><?php esc_html_e('E-mail address', 'floodgate'); ?></dt>
<dd><?php echo esc_html($view['claimant']->email); ?></dd>
</dl>
<p class="note"><?php esc_html_e('Please write the code down or print this page. If you lose it, send the form again with the same e-mail address: you get the same code.', 'floodgate'); ?></p>
