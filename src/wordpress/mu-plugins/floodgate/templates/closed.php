<?php
/**
 * Before the opening.
 *
 * @var \Floodgate\Registration\Course $course
 * @var array{form: array{token: string}, sought?: bool} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;
use Floodgate\Registration\FieldType;

$units = [86400 => Text::t('days'), 3600 => Text::t('hours'), 60 => Text::t('minutes'), 1 => Text::t('seconds')];
/** What the form insists on, to have it at hand. */
$asked = [Text::t('Name') => '', Text::t('E-mail address') => ''];
foreach ($course->fields as $field) {
    if ($field->required && $field->type !== FieldType::Checkbox) {
        $asked[$field->label] = Text::siteLanguage();
    }
}
?>
<p class="status"><?= Text::html(Text::t('Not open yet')) ?></p>
<h2 id="now"><?= Text::html(Text::t('Registration opens')) ?></h2>
<p class="when"><?= Text::time($course->opensAt, $course->timeZone) ?></p>
<div class="countdown" data-countdown hidden aria-hidden="true">
<?php foreach ($units as $unit => $name) : ?>
<div><b data-unit="<?= $unit ?>">0</b><span><?= Text::html($name) ?></span></div>
<?php endforeach; ?>
</div>
<p class="unseen" role="status" data-announce="<?= Text::attr(Text::t('Registration opens:')) ?>"></p>
<p><?= Text::html(Text::t('The form appears here by itself at that moment. You do not need to reload the page.')) ?></p>
<div class="ready">
<h3><?= Text::html(Text::t('What you will need')) ?></h3>
<ul>
<?php foreach ($asked as $what => $language) : ?>
<li<?= $language ?>><?= Text::html((string) $what) ?></li>
<?php endforeach; ?>
</ul>
</div>
<?php require __DIR__ . '/find.php'; ?>
