<?php
/**
 * The form, empty or with what has to be mended.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, second: ?string, values: array<string, string>, mistakes: list<string>, wrong: list<string>}} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

require __DIR__ . '/form-values.php';
$left = $course->left();
?>
<?php if ($mistakes === []) : ?>
<p class="status"><?= Text::html(Text::t('Open now')) ?></p>
<h2 id="now"><?= Text::html(Text::t('Take your seat')) ?></h2>
<?php endif; ?>
<p class="seats"><progress aria-hidden="true" max="<?= $course->seats ?>" value="<?= $left ?>"></progress>
<span><?php
    /* translators: 1: seats left, 2: all seats */
    echo Text::html(sprintf(Text::t('%1$s of %2$s seats left'), Text::number($left), Text::number($course->seats)));
?></span></p>
<p class="notice" data-resend hidden><?= Text::html(Text::t('What you typed is still here. Please send it again.')) ?></p>
<form id="floodgate-claim" method="post" action="<?= Text::url(Text::home($course->claimPath())) ?>">
<?php require __DIR__ . '/claimant.php'; ?>
<?php require __DIR__ . '/questions.php'; ?>
<button type="submit" data-sending="<?= Text::attr(Text::t('Sending …')) ?>"><?= Text::html(Text::t('Register')) ?></button>
</form>
<p class="note"><?= Text::html($course->onePerEmail
    ? Text::t('One seat per e-mail address. Sending the form twice does no harm: you keep the one seat you have.')
    : Text::t('Sending the form twice does no harm: you keep the one seat you have.')) ?></p>
