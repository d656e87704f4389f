<?php
/**
 * After the closing.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string}, sought?: bool} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

?>
<p class="status"><?= Text::html(Text::t('Ended')) ?></p>
<h2 id="now"><?= Text::html(Text::t('Registration has ended')) ?></h2>
<?php if ($course->closesAt !== null) : ?>
<p class="when"><?= Text::time($course->closesAt, $course->timeZone) ?></p>
<?php endif; ?>
<p class="note"><?= Text::html(Text::t('If you have a confirmation code, your seat is safe.')) ?></p>
<?php require __DIR__ . '/find.php'; ?>
<p><a class="button quiet" href="<?= Text::url(Text::home()) ?>"><?= Text::html(Text::t('See what else is on')) ?></a></p>
