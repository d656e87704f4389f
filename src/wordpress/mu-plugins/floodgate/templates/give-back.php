<?php
/**
 * Asks once more: what is given back is somebody else's at once.
 *
 * @var array{giveBack: string, place?: \Floodgate\Registration\Place} $view giveBack: the address that takes it back
 */

declare(strict_types=1);

use Floodgate\Http\Text;
use Floodgate\Registration\PlaceState;

$address = Text::url(Text::home($view['giveBack']));
[$question, $consequence, $yes, $no] = match (($view['place'] ?? null)?->state) {
    null => [
        Text::t('Give your seat back?'),
        Text::t('It is free for somebody else at once, and your code is no longer valid. This cannot be undone.'),
        Text::t('Give the seat back'),
        Text::t('Keep my seat'),
    ],
    PlaceState::Offered => [
        Text::t('Leave the seat to somebody else?'),
        Text::t('It goes to the next person on the waiting list, and you are not on the list any more. This cannot be undone.'),
        Text::t('Leave it to somebody else'),
        Text::t('Keep the offer'),
    ],
    default => [
        Text::t('Leave the waiting list?'),
        Text::t('You lose your place. If you come back, you start at the end of the list.'),
        Text::t('Give my place up'),
        Text::t('Keep my place'),
    ],
};
?>
<p class="status"><?= Text::html(Text::t('Please confirm')) ?></p>
<h2 id="now"><?= Text::html($question) ?></h2>
<p><?= Text::html($consequence) ?></p>
<form method="post" action="<?= $address ?>">
<input type="hidden" name="do" value="leave">
<button type="submit"><?= Text::html($yes) ?></button>
</form>
<p><a class="button quiet" href="<?= $address ?>"><?= Text::html($no) ?></a></p>
