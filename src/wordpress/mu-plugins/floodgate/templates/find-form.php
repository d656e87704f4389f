<?php
/**
 * Asks who one is, to find the seat that one has.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, second: ?string, values: array<string, string>, mistakes: list<string>, wrong: list<string>}} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

require __DIR__ . '/form-values.php';
?>
<?php if ($mistakes === []) : ?>
<h2 id="now"><?= Text::html(Text::t('Get your code again')) ?></h2>
<p><?= Text::html(Text::t('Please enter what you registered with.')) ?></p>
<?php endif; ?>
<form id="floodgate-claim" method="post" action="<?= Text::url(Text::home($course->claimPath())) ?>">
<input type="hidden" name="find" value="1">
<?php require __DIR__ . '/claimant.php'; ?>
<button type="submit" data-sending="<?= Text::attr(Text::t('Sending …')) ?>"><?= Text::html(Text::t('Get your code again')) ?></button>
</form>
