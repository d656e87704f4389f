<?php
/**
 * Where there is no form: the way back to a seat whose code did not arrive. A script fills in what was typed.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string, values: array<string, string>}, sought?: bool} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;
use Floodgate\Mail\MailServer;

// Whoever was not found by it writes it otherwise.
$known = $view['sought'] ?? false ? [] : $view['form']['values'];
?>
<?php if ($view['sought'] ?? false) : ?>
<p class="notice" role="status"><?= Text::html(Text::t('Nobody is registered with this name and e-mail address.')) ?></p>
<?php endif; ?>
<p class="notice" data-resend hidden><?= Text::html(Text::t('You sent the form, and its answer did not arrive. If you have a seat, you find your code here.')) ?></p>
<form id="floodgate-find" method="post" action="<?= Text::url(Text::home($course->claimPath())) ?>">
<input type="hidden" name="find" value="1">
<?php if (MailServer::isSet()) : // filled by a script: who shows it again is shown the code ?>
<input type="hidden" name="browser">
<?php endif; ?>
<input type="hidden" name="token" value="<?= Text::attr($view['form']['token']) ?>">
<input type="hidden" name="name" value="<?= Text::attr($known['name'] ?? '') ?>">
<input type="hidden" name="email" value="<?= Text::attr($known['email'] ?? '') ?>">
<button type="submit" class="quiet" data-sending="<?= Text::attr(Text::t('Sending …')) ?>"><?= Text::html(Text::t('Already registered? Get your code again')) ?></button>
</form>
