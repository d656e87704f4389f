<?php
/**
 * The frame of every course page: the band with what the course is, the card with what can be done now, and the
 * organiser's text.
 *
 * @var \Floodgate\Registration\State|\Floodgate\Registration\Outcome $state
 * @var string $template
 * @var \Floodgate\Registration\Course $course
 * @var array<string, mixed> $view
 */

declare(strict_types=1);

use Floodgate\Http\CourseFacts;
use Floodgate\Http\Page;
use Floodgate\Http\Text;
use Floodgate\Registration\Outcome;
use Floodgate\Registration\State;

$site = Text::siteName();
$news = match ($state) {
    State::Open => Text::t('Open now'),
    State::SoldOut, Outcome::SoldOut => Text::t('Sold out'),
    State::Ended, Outcome::Ended => Text::t('Registration has ended'),
    Outcome::Confirmed => Text::t('Confirmed'),
    Outcome::Cancelled => Text::t('Given back'),
    Outcome::Queued => Text::t('Waiting list'),
    Outcome::Invalid => $template === 'find-form' ? Text::t('Get your code again') : Text::t('Please check the form'),
    State::Closed, Outcome::Closed => null,
};
$address = Text::url(Text::home($course->path()));
// Without a script, whoever waits sees the opening, and what an organiser has changed: at most three pages a minute. In the
// last seconds by halves, never past the opening: so few pages differ, and a browser that has one need not be sent it again.
$left = max(0, intdiv($course->opensAt - $course->now, 1000)) + 1;
$again = match (true) {
    $view['sought'] ?? false => null,
    in_array($state, [State::Closed, Outcome::Closed], true) => $left > 20 ? 20 : 2 ** (int) log($left, 2),
    // A form that somebody fills in does not go away under their hands.
    $course->waitingList && in_array($state, [State::SoldOut, Outcome::SoldOut], true) => null,
    in_array($state, [State::SoldOut, State::Ended, Outcome::SoldOut, Outcome::Ended], true) => 30,
    default => null,
};
$facts = CourseFacts::of($course);
$answered = in_array($state, [Outcome::Confirmed, Outcome::Cancelled, Outcome::Queued], true);
?>
<!doctype html>
<html <?= Text::languageAttributes() ?>>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><?= Text::html(implode(' – ', array_filter([$news, $course->title, $site]))) ?></title>
<?php if ($again !== null) : ?>
<noscript><meta http-equiv="refresh" content="<?= $again ?>; url=<?= $address ?>"></noscript>
<?php endif; ?>
<link rel="canonical" href="<?= $address ?>">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="<?= Text::url(Page::asset('course.css')) ?>">
<script src="<?= Text::url(Page::asset('course.js')) ?>" defer></script>
</head>
<body>
<header class="site"><a href="<?= Text::url(Text::home()) ?>"><?= Text::html($site) ?></a></header>
<main id="floodgate" class="is-<?= Text::attr($state->value) ?>"
    data-floodgate-state="<?= Text::attr($state->value) ?>"
    data-floodgate-opens="<?= Text::attr((string) ($course->opensAt / 1000)) ?>"
    data-floodgate-version="<?= Text::attr($course->version()) ?>"
    data-floodgate-now="<?= Text::attr((string) ($course->now / 1000)) ?>"
    <?php if (isset($view['code'])) : ?>data-floodgate-code="<?= Text::attr($view['code']) ?>"<?php endif; ?>
    <?php if (isset($view['place'])) : ?>data-floodgate-place="<?= Text::attr((string) ($view['place']->position ?? $view['place']->state->value)) ?>"<?php endif; ?>
    <?php if ($view['again'] ?? false) : ?>data-floodgate-again="yes"<?php endif; ?>>
<div class="band"></div>
<div class="intro">
<p class="eyebrow"><?= Text::html(Text::t('Registration')) ?></p>
<h1><?= Text::html($course->title) ?></h1>
<?php if ($facts !== [] || !$answered) : ?>
<dl class="facts">
<?php foreach ($facts as $name => $fact) : ?>
<div><dt><?= Text::html($name) ?></dt><dd><?= Text::html($fact) ?></dd></div>
<?php endforeach; ?>
<?php if (!$answered) : ?>
<div><dt><?= Text::html(Text::t('Seats')) ?></dt><dd><?= Text::html(Text::number($course->seats)) ?></dd></div>
<?php if ($course->closesAt !== null && !in_array($state, [State::Ended, Outcome::Ended], true)) : ?>
<div><dt><?= Text::html(Text::t('Open until')) ?></dt><dd><time datetime="<?= Text::isoDate($course->closesAt) ?>"><?= Text::html(Text::date($course->closesAt, $course->timeZone)) ?></time></dd></div>
<?php endif; ?>
<?php endif; ?>
</dl>
<?php endif; ?>
</div>
<section class="card" aria-labelledby="now">
<?php require __DIR__ . "/{$template}.php"; ?>
</section>
<?php if ($course->text !== '' && !$answered) : ?>
<section class="about" aria-label="<?= Text::attr(Text::t('About')) ?>">
<?= $course->text // harmless HTML: see Course::$text ?>

</section>
<?php endif; ?>
</main>
<footer class="site">
<a href="<?= Text::url(Text::home()) ?>"><?php
    /* translators: %s: name of the site */
    echo Text::html(sprintf(Text::t('Back to %s'), $site));
?></a>
</footer>
</body>
</html>
