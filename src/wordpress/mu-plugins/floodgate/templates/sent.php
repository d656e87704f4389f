<?php
/**
 * A seat that somebody had before, whose code is on its way to them.
 *
 * @var \Floodgate\Registration\Course $course
 */

declare(strict_types=1);

use Floodgate\Http\Text;

?>
<p class="status"><?= Text::html(Text::t('Sent to you')) ?></p>
<h2 id="now"><?= Text::html(Text::t('You already have this seat')) ?></h2>
<p><?= Text::html(Text::t('We have sent the code to the e-mail address that you typed: the e-mail is there already, or comes within a minute or so.')) ?></p>
<p class="note"><?= Text::html(Text::t('So that nobody else gets your code, it is only shown here in the window in which you registered.')) ?></p>
<p><a class="button quiet" href="<?= Text::url(Text::home($course->path())) ?>"><?= Text::html(Text::t('To the page of the course')) ?></a></p>
