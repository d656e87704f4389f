<?php
/**
 * Who somebody is, and what shows that the form is the site's.
 *
 * @var array{token: string, second: ?string} $form
 * @var callable(string): string $value
 * @var callable(string, string): string $describe
 * @var callable(string, string): void $showMistake
 */

declare(strict_types=1);

use Floodgate\Http\Submission;
use Floodgate\Http\Text;
use Floodgate\Mail\MailServer;

?>
<label for="name"><?= Text::html(Text::t('Name')) ?></label>
<?php $showMistake('name', 'name'); ?>
<input id="name" name="name" type="text" dir="auto" autocomplete="name" maxlength="200" required<?= $describe('name', 'name') ?> value="<?= Text::attr($value('name')) ?>">
<label for="email"><?= Text::html(Text::t('E-mail address')) ?></label>
<?php
$showMistake('email', 'email');
// Of type "email", Chromium would send straße.de as strasse.de, which is somebody else's.
?>
<input id="email" name="email" type="text" inputmode="email" pattern=".+@.+" title="name@example.org" dir="ltr" autocomplete="email" maxlength="254" required<?= $describe('email', 'email') ?> value="<?= Text::attr($value('email')) ?>">
<?php if ($form['second'] !== null) : ?>
<input type="hidden" name="second" value="<?= Text::attr($form['second']) ?>">
<?php else : ?>
<div class="trap" aria-hidden="true"><label for="nothing"><?= Text::html(Text::t('Leave this empty')) ?></label>
<input id="nothing" name="<?= Submission::TRAP ?>" type="text" tabindex="-1" autocomplete="off"></div>
<?php endif; ?>
<?php if (MailServer::isSet()) : // filled by a script: who shows it again is shown the code ?>
<input type="hidden" name="browser">
<?php endif; ?>
<input type="hidden" name="token" value="<?= Text::attr($form['token']) ?>">
