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
use Floodgate\Http\LinkPreview;
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
    Outcome::Sent => Text::t('Sent to you'),
    Outcome::GiveBack => Text::t('Please confirm'),
    Outcome::Cancelled => Text::t('Given back'),
    Outcome::Queued => Text::t('Waiting list'),
    Outcome::Invalid => $template === 'find-form' ? Text::t('Get your code again') : Text::t('Please check the form'),
    State::Closed, Outcome::Closed => null,
};
$address = Text::url(Text::home($course->path()));
// Without a script, whoever waits sees the opening, and what an organiser has changed: at most three pages a minute. In the
// last seconds in three steps, never past the opening: so few pages differ, and a browser that has one need not be sent it again.
$left = max(0, intdiv($course->opensAt - $course->now, 1000)) + 1;
$again = match (true) {
    $view['sought'] ?? false => null,
    in_array($state, [State::Closed, Outcome::Closed], true) => match (true) {
        $left > 20 => 20,
        $left >= 8 => 8,
        $left >= 2 => 2,
        default => 1,
    },
    // A form that somebody fills in does not go away under their hands.
    $course->waitingList && in_array($state, [State::SoldOut, Outcome::SoldOut], true) => null,
    in_array($state, [State::SoldOut, State::Ended, Outcome::SoldOut, Outcome::Ended], true) => 30,
    default => null,
};
$facts = CourseFacts::inHtml($course);
$answered = in_array($state, [Outcome::Confirmed, Outcome::Sent, Outcome::GiveBack, Outcome::Cancelled, Outcome::Queued], true);
// What everybody may find; what is one person's, and what nobody is to see yet, is found by nobody.
$isFound = $state instanceof State && !$course->isDraft && Text::site()->isPublic;
$hasTimes = ($course->startsAt ?? $course->closesAt) !== null || in_array($state, [State::Closed, Outcome::Closed, Outcome::Queued], true);
$marker = static fn (string $name, string $value): string => " data-floodgate-$name=\"" . Text::attr($value) . '"';
?>
<!doctype html>
<html <?= Text::languageAttributes() ?>>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title<?= $news === null ? '' : Text::ownLanguage() ?>><?= Text::html(implode(' – ', array_filter([$news, $course->title, $site]))) ?></title>
<?php if ($again !== null) : ?>
<noscript><meta http-equiv="refresh" content="<?= $again ?>; url=<?= $address ?>"></noscript>
<?php endif; ?>
<link rel="canonical" href="<?= $address ?>">
<?= $state instanceof State ? LinkPreview::of($course) : '' ?>
<?php if (!$isFound) : ?>
<meta name="robots" content="noindex">
<?php endif; ?>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="<?= Text::url(Page::asset('course.css')) ?>">
<script src="<?= Text::url(Page::asset('course.js')) ?>" defer></script>
</head>
<body>
<header class="site"><a href="<?= Text::url(Text::home()) ?>"><?= Text::html($site) ?></a></header>
<main id="floodgate"<?= Text::ownLanguage() ?> class="is-<?= Text::attr($state->value) ?>"<?=
    ($hasTimes ? Text::ofYourTimes() : '')
    . $marker('state', $state->value)
    . $marker('opens', (string) ($course->opensAt / 1000))
    . $marker('version', $course->version())
    . $marker('now', (string) ($course->now / 1000))
    . (isset($view['code']) ? $marker('code', $view['code']) : '')
    . (isset($view['place']) ? $marker('place', (string) ($view['place']->position ?? $view['place']->state->value)) : '')
    . (($view['again'] ?? false) ? $marker('again', 'yes') : '') ?>>
<div class="band"></div>
<div class="intro">
<p class="eyebrow"><?= Text::html($course->isDraft ? Text::t('Draft: only organisers see this page') : Text::t('Registration')) ?></p>
<h1<?= Text::siteLanguage() ?>><?= Text::html($course->title) ?></h1>
<?php if ($course->summary !== '' && !$answered) : ?>
<p class="lead"<?= Text::siteLanguage() ?>><?= Text::html($course->summary) ?></p>
<?php endif; ?>
<?php if ($facts !== [] || !$answered) : ?>
<dl class="facts">
<?php foreach ($facts as $name => $fact) : ?>
<div><dt><?= Text::html($name) ?></dt><dd<?= Text::siteLanguage() ?>><?= $fact // HTML ?></dd></div>
<?php endforeach; ?>
<?php if (!$answered) : ?>
<div><dt><?= Text::html(Text::t('Seats')) ?></dt><dd><?= Text::html(Text::number($course->seats)) ?></dd></div>
<?php if ($course->closesAt !== null && !in_array($state, [State::Ended, Outcome::Ended], true)) : ?>
<div><dt><?= Text::html(Text::t('Open until')) ?></dt><dd><?= Text::time($course->closesAt, $course->timeZone) ?></dd></div>
<?php endif; ?>
<?php endif; ?>
</dl>
<?php endif; ?>
</div>
<section class="card" aria-labelledby="now">
<?php require __DIR__ . "/{$template}.php"; ?>
</section>
<?php if (!$answered && ($course->text !== '' || $course->picture !== null)) : ?>
<section class="about" aria-label="<?= Text::attr(Text::t('About')) ?>">
<?= $course->picture === null ? '' : Page::picture($course->picture, '(min-width: 56rem) 34rem, 92vw') ?>
<div<?= Text::siteLanguage() ?>><?= $course->text // harmless HTML: see Course::$text ?></div>
</section>
<?php endif; ?>
</main>
<footer class="site"<?= Text::ownLanguage() ?>>
<a href="<?= Text::url(Text::home()) ?>"><?php
    /* translators: %s: name of the site */
    echo Text::html(sprintf(Text::t('Back to %s'), $site));
?></a>
</footer>
</body>
</html>
