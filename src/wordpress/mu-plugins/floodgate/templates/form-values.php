<?php
/**
 * What the templates of a form share: what was typed, and what is wrong, which is said first.
 *
 * @var array{form: array{values: array<string, string>, mistakes: list<string>, wrong: list<string>}} $view
 */

declare(strict_types=1);

use Floodgate\Http\Text;

$form = $view['form'];
/** Sentence by field; 'form' is the form itself. */
$mistakes = array_combine($form['wrong'] ?? [], $form['mistakes']);
$value = static fn (string $name): string => $form['values'][$name] ?? '';
$describe = static fn (string $id, string $name): string =>
    isset($mistakes[$name]) ? ' aria-invalid="true" aria-describedby="' . Text::attr("$id-mistake") . '"' : '';
$showMistake = static function (string $id, string $name) use ($mistakes): void {
    if (isset($mistakes[$name])) {
        echo '<p class="mistake" id="', Text::attr("$id-mistake"), '">', Text::html($mistakes[$name]), '</p>';
    }
};
?>
<?php if ($mistakes !== []) : ?>
<div class="mistakes" role="group" aria-labelledby="now" tabindex="-1" autofocus>
<h2 id="now"><?= Text::html(Text::t('Almost there')) ?></h2>
<ul>
<?php foreach ($mistakes as $name => $sentence) : ?>
<li><?php if ($name === 'form') : ?><?= Text::html($sentence) ?><?php else : ?><a href="#<?= Text::attr($name) ?>"><?= Text::html($sentence) ?></a><?php endif; ?></li>
<?php endforeach; ?>
</ul>
</div>
<?php endif; ?>
