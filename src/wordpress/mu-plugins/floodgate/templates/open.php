<?php
/**
 * The form, empty or with what has to be mended.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, values: array<string, string>, mistakes: list<string>, wrong?: list<string>}} $view
 */

declare(strict_types=1);

$form = $view['form'];
$wrong = $form['wrong'] ?? [];
$left = max(0, $course->seats - $course->taken);
$invalid = static fn (string $field): string =>
    in_array($field, $wrong, true) ? ' aria-invalid="true" aria-describedby="mistakes"' : '';
?>
<?php if ($form['mistakes'] !== []) : ?>
<div id="mistakes" class="mistakes" role="alert">
<p><?php esc_html_e('Almost there:', 'floodgate'); ?></p>
<ul>
<?php foreach ($form['mistakes'] as $mistake) : ?>
<li><?php echo esc_html($mistake); ?></li>
<?php endforeach; ?>
</ul>
</div>
<?php else : ?>
<p class="status"><?php esc_html_e('Open now', 'floodgate'); ?></p>
<?php endif; ?>
<h2><?php esc_html_e('Take your seat', 'floodgate'); ?></h2>
<p class="seats"><meter min="0" max="<?php echo esc_attr((string) $course->seats); ?>" value="<?php echo esc_attr((string) $left); ?>"></meter>
<span><?php
    /* translators: 1: seats left, 2: all seats */
    echo esc_html(sprintf(__('%1$s of %2$s seats left', 'floodgate'), number_format_i18n($left), number_format_i18n($course->seats)));
?></span></p>
<form id="floodgate-claim" method="post" action="<?php echo esc_url(home_url($course->claimPath())); ?>">
<label for="name"><?php esc_html_e('Name', 'floodgate'); ?></label>
<input id="name" name="name" type="text" autocomplete="name" maxlength="200" required<?php echo $invalid('name'); ?>
    value="<?php echo esc_attr($form['values']['name'] ?? ''); ?>">
<label for="email"><?php esc_html_e('E-mail address', 'floodgate'); ?></label>
<input id="email" name="email" type="email" autocomplete="email" maxlength="254" required<?php echo $invalid('email'); ?>
    value="<?php echo esc_attr($form['values']['email'] ?? ''); ?>">
<div class="trap" aria-hidden="true"><label for="website"><?php esc_html_e('Leave this empty', 'floodgate'); ?></label>
<input id="website" name="website" type="text" tabindex="-1" autocomplete="off"></div>
<input type="hidden" name="token" value="<?php echo esc_attr($form['token']); ?>">
<button type="submit" data-sending="<?php esc_attr_e('Sending …', 'floodgate'); ?>"><?php esc_html_e('Register', 'floodgate'); ?></button>
</form>
<p class="note"><?php esc_html_e('One seat per e-mail address. Sending the form twice does no harm: you keep the one seat you have.', 'floodgate'); ?></p>
