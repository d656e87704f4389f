<?php
/**
 * The form, empty or with what has to be mended.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, values: array<string, string>, mistakes: list<string>, wrong?: list<string>}} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

$form = $view['form'];
/** Sentence by field; 'form' is the form itself. */
$mistakes = array_combine($form['wrong'] ?? [], $form['mistakes']);
$value = static fn (string $name): string => $form['values'][$name] ?? '';
$left = max(0, $course->seats - $course->taken);
$describe = static fn (string $id, string $name): string =>
    isset($mistakes[$name]) ? ' aria-invalid="true" aria-describedby="' . Text::attr("$id-mistake") . '"' : '';
$showMistake = static function (string $id, string $name) use ($mistakes): void {
    if (isset($mistakes[$name])) {
        echo '<p class="mistake" id="', Text::attr("$id-mistake"), '">', Text::html($mistakes[$name]), '</p>';
    }
};
$optional = ' <span class="optional">' . Text::html(Text::t('(optional)')) . '</span>';
?>
<?php if ($mistakes !== []) : ?>
<div class="mistakes" role="group" aria-labelledby="now" tabindex="-1" autofocus>
<h2 id="now"><?= Text::html(Text::t('Almost there')) ?></h2>
<ul>
<?php foreach ($mistakes as $name => $sentence) : ?>
<li><?php if ($name === 'form') : ?><?= Text::html($sentence) ?><?php else : ?><a href="#<?= Text::attr($name) ?>"><?= Text::html($sentence) ?></a><?php endif; ?></li>
<?php endforeach; ?>
</ul>
</div>
<?php else : ?>
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
<label for="name"><?= Text::html(Text::t('Name')) ?></label>
<?php $showMistake('name', 'name'); ?>
<input id="name" name="name" type="text" autocomplete="name" maxlength="200" required<?= $describe('name', 'name') ?> value="<?= Text::attr($value('name')) ?>">
<label for="email"><?= Text::html(Text::t('E-mail address')) ?></label>
<?php $showMistake('email', 'email'); ?>
<input id="email" name="email" type="email" autocomplete="email" maxlength="254" required<?= $describe('email', 'email') ?> value="<?= Text::attr($value('email')) ?>">
<?php
foreach ($course->fields as $field) {
    require __DIR__ . '/field.php';
}
?>
<div class="trap" aria-hidden="true"><label for="website"><?= Text::html(Text::t('Leave this empty')) ?></label>
<input id="website" name="website" type="text" tabindex="-1" autocomplete="off"></div>
<input type="hidden" name="token" value="<?= Text::attr($form['token']) ?>">
<button type="submit" data-sending="<?= Text::attr(Text::t('Sending …')) ?>"><?= Text::html(Text::t('Register')) ?></button>
</form>
<p class="note"><?= Text::html($course->onePerEmail
    ? Text::t('One seat per e-mail address. Sending the form twice does no harm: you keep the one seat you have.')
    : Text::t('Sending the form twice does no harm: you keep the one seat you have.')) ?></p>
