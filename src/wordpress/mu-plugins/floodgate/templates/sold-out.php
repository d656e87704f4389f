<?php
/**
 * No seat left.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, second: ?string, values: array<string, string>, mistakes: list<string>, wrong: list<string>}, sought?: bool} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

?>
<p class="status"><?= Text::html(Text::t('Sold out')) ?></p>
<h2 id="now"><?= Text::html(Text::t('All seats are taken')) ?></h2>
<p><?php
    /* translators: %s: number of seats */
    $sentence = Text::n('The one seat of this course has been given away.', 'All %s seats of this course have been given away.', $course->seats);
    echo Text::html(sprintf($sentence, Text::number($course->seats)));
?></p>
<p class="note"><?= Text::html($course->waitingList
    ? Text::t('If you have a confirmation code, your seat is safe.')
    : Text::t('If you have a confirmation code, your seat is safe. If somebody gives a seat back, the form is here again.')) ?></p>
<?php
if ($course->waitingList) {
    require __DIR__ . '/queue-form.php';
}
require __DIR__ . '/find.php';
?>
<p><a class="button quiet" href="<?= Text::url(Text::home()) ?>"><?= Text::html(Text::t('See what else is on')) ?></a></p>
