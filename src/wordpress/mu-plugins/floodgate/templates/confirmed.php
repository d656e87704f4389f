<?php
/**
 * A seat, confirmed: a ticket to keep.
 *
 * @var array{code: string, claimant: \Floodgate\Registration\Claimant, again?: bool} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;
use Floodgate\Mail\MailServer;

$again = $view['again'] ?? false;
?>
<p class="status"><?= Text::html(Text::t('Confirmed')) ?></p>
<h2 id="now"><?= Text::html($again ? Text::t('You already have this seat') : Text::t('You have a seat')) ?></h2>
<p><?= Text::html($again
    ? Text::t('It is still yours, with the same code. Nothing was booked twice.')
    : Text::t('It is yours. Nothing more to do.')) ?></p>
<dl>
<div><dt><?= Text::html(Text::t('Name')) ?></dt><dd><?= Text::html($view['claimant']->name) ?></dd></div>
<div><dt><?= Text::html(Text::t('E-mail address')) ?></dt><dd><?= Text::html($view['claimant']->email) ?></dd></div>
</dl>
<div class="stub">
<p><?= Text::html(Text::t('Your confirmation code')) ?></p>
<p class="code"><?= Text::html($view['code']) ?></p>
</div>
<button type="button" class="quiet" data-print hidden><?= Text::html(Text::t('Print this page')) ?></button>
<p class="note"><?= Text::html(MailServer::isSet()
    ? Text::t('The code is on its way to your address as well. If no mail comes, send the form again with the same e-mail address: you get the same code.')
    : Text::t('Please write the code down or print this page. If you lose it, send the form again with the same e-mail address: you get the same code.')) ?></p>
