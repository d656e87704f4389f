<?php
/**
 * A seat, given back by its person.
 *
 * @var \Floodgate\Registration\Course $course
 */

declare(strict_types=1);

use Floodgate\Http\Text;

?>
<p class="status"><?= Text::html(Text::t('Given back')) ?></p>
<h2 id="now"><?= Text::html(Text::t('Your seat is free for somebody else')) ?></h2>
<p><?= Text::html(Text::t('Thank you for letting us know. The code is no longer valid.')) ?></p>
<p><a class="button quiet" href="<?= Text::url(Text::home($course->path())) ?>"><?= Text::html(Text::t('To the page of the course')) ?></a></p>
