<?php
/**
 * A seat, confirmed: a ticket to keep.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{code: string, claimant: \Floodgate\Registration\Claimant, again?: bool, giveBack?: string} $view
 *     giveBack: the address that asks and then takes the seat back, where a signed link has led here
 */

declare(strict_types=1);

use Floodgate\Http\Page;
use Floodgate\Http\Text;
use Floodgate\Mail\MailServer;
use Floodgate\Registration\EmailAddress;

$again = $view['again'] ?? false;
?>
<p class="status"><?= Text::html(Text::t('Confirmed')) ?></p>
<h2 id="now"><?= Text::html($again ? Text::t('You already have this seat') : Text::t('You have a seat')) ?></h2>
<p><?= Text::html($again
    ? Text::t('It is still yours, with the same code. Nothing was booked twice.')
    : Text::t('It is yours. There is nothing more to do.')) ?></p>
<dl>
<div><dt><?= Text::html(Text::t('Name')) ?></dt><dd<?= Text::siteLanguage() ?>><?= Text::html($view['claimant']->name) ?></dd></div>
<div><dt><?= Text::html(Text::t('E-mail address')) ?></dt><dd dir="ltr"><?= Text::html(EmailAddress::shown($view['claimant']->email)) ?></dd></div>
</dl>
<div class="stub">
<p><?= Text::html(Text::t('Your confirmation code')) ?></p>
<p class="code"><?= Text::html($view['code']) ?></p>
<p class="qr" data-qr="<?= Text::attr(Text::home('/wp-admin/admin.php?page=floodgate&view=door&code=' . str_replace('-', '', $view['code']))) ?>"
    data-script="<?= Text::url(Page::asset('qr.js')) ?>" data-name="<?= Text::attr(Text::t('The same code, for a camera at the door')) ?>" hidden></p>
</div>
<?php if ($course->startsAt !== null) : ?>
<p><a class="button quiet" href="<?= Text::url(Text::home($course->calendarPath())) ?>"><?= Text::html(Text::t('Put it into your calendar')) ?></a></p>
<?php endif; ?>
<button type="button" class="quiet" data-print hidden><?= Text::html(Text::t('Print this page')) ?></button>
<?php if (isset($view['giveBack'])) : ?>
<form method="post" action="<?= Text::url(Text::home($view['giveBack'])) ?>">
<p class="note"><?= Text::html(Text::t('You cannot come? Somebody else would like your seat.')) ?></p>
<button type="submit" name="ask" value="1" class="quiet"><?= Text::html(Text::t('Give the seat back')) ?></button>
</form>
<?php else : ?>
<p class="note"><?= Text::html(MailServer::isSet()
    ? Text::t('The code is on its way to your e-mail address as well. If no e-mail comes, go back to the page of the course and enter the same name and e-mail address: you get the same code.')
    : Text::t('Please write the code down or print this page. If you lose it, go back to the page of the course and enter the same name and e-mail address: you get the same code.')) ?></p>
<?php endif; ?>
