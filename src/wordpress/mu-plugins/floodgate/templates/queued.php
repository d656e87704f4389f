<?php
/**
 * A place on the waiting list, and the seat that is offered to it.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{place: \Floodgate\Registration\Place, link: ?string} $view link: the address that shows the place, takes the seat or gives the place up
 */

declare(strict_types=1);

use Floodgate\Http\Text;
use Floodgate\Mail\MailServer;
use Floodgate\Registration\PlaceState;

$place = $view['place'];
$action = $view['link'] === null ? null : Text::url(Text::home($view['link']));
$until = static fn (): string => Text::time((int) $place->offeredUntil, $course->timeZone);
?>
<p class="status"><?= Text::html(Text::t('Waiting list')) ?></p>
<?php if ($place->state === PlaceState::Waiting) : ?>
<h2 id="now"><?php
    /* translators: %s: a number; 1 is the next */
    echo Text::html(sprintf(Text::t('You are number %s on the waiting list'), Text::number((int) $place->position)));
?></h2>
<p><?php
    $hours = max(1, (int) round($course->offerMinutes / 60));
    echo Text::html(MailServer::isSet()
        ? Text::t('When a seat becomes free for you, you get an e-mail.')
        : Text::t('When a seat becomes free for you, you see it here: please come back now and then.'));
    echo ' ';
    /* translators: %s: number of hours */
    echo Text::html(sprintf(Text::n('It is held for you for %s hour.', 'It is held for you for %s hours.', $hours), Text::number($hours)));
?></p>
<?php elseif ($place->state === PlaceState::Offered) : ?>
<h2 id="now"><?= Text::html(Text::t('A seat is held for you')) ?></h2>
<p><?php
    /* translators: %s: date and time */
    echo sprintf(Text::html(Text::t('You can take it until %s. Then it goes to the next person.')), $until());
?></p>
<?php elseif ($place->state === PlaceState::Expired) : ?>
<h2 id="now"><?= Text::html(Text::t('Your seat was passed on')) ?></h2>
<p><?= Text::html(Text::t('It was not taken in time. If you would still like to come, please join the list again.')) ?></p>
<?php else : ?>
<h2 id="now"><?= Text::html(Text::t('You are not on the waiting list any more')) ?></h2>
<p><?= Text::html(Text::t('Thank you for letting us know. No seat is held for you.')) ?></p>
<?php endif; ?>
<?php if (!$place->state->stands()) : ?>
<p><a class="button quiet" href="<?= Text::url(Text::home($course->path())) ?>"><?= Text::html(Text::t('To the page of the course')) ?></a></p>
<?php elseif ($action === null) : ?>
<p class="note"><?= Text::html($place->state === PlaceState::Offered
    ? Text::t('Take it with the link in the e-mail that we have sent to your address.')
    : Text::t('To give your place up, use the link in the e-mail that we have sent to your address.')) ?></p>
<?php else : ?>
<?php if ($place->state === PlaceState::Offered) : ?>
<form id="floodgate-take" method="post" action="<?= $action ?>">
<input type="hidden" name="do" value="take">
<button type="submit" data-sending="<?= Text::attr(Text::t('Sending …')) ?>"><?= Text::html(Text::t('Take the seat')) ?></button>
</form>
<?php endif; ?>
<form method="post" action="<?= $action ?>">
<button type="submit" name="ask" value="1" class="quiet"><?= Text::html($place->state === PlaceState::Offered
    ? Text::t('Leave it to somebody else')
    : Text::t('Give my place up')) ?></button>
</form>
<p class="note"><?= Text::html(Text::t('Keep this link: it leads back to your place.')) ?><br><a href="<?= $action ?>" dir="ltr"><?= $action ?></a></p>
<?php endif; ?>
