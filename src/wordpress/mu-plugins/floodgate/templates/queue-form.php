<?php
/**
 * Asks for a place on the waiting list, or shows what has to be mended.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, second: ?string, values: array<string, string>, mistakes: list<string>, wrong: list<string>}} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

require __DIR__ . '/form-values.php';
?>
<?php if ($mistakes === []) : ?>
<h3><?= Text::html(Text::t('Wait for a seat')) ?></h3>
<p><?= Text::html(Text::t('Seats that are given back are offered to the people on the waiting list, one after the other.')) ?></p>
<?php endif; ?>
<form id="floodgate-queue" method="post" action="<?= Text::url(Text::home($course->claimPath())) ?>">
<input type="hidden" name="queue" value="1">
<?php require __DIR__ . '/claimant.php'; ?>
<?php require __DIR__ . '/questions.php'; ?>
<button type="submit" data-sending="<?= Text::attr(Text::t('Sending …')) ?>"><?= Text::html(Text::t('Put me on the waiting list')) ?></button>
</form>
