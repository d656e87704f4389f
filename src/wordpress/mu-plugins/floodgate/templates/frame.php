<?php
/**
 * The frame of every course page.
 *
 * @var string $state
 * @var string $template
 * @var \Floodgate\Registration\Course $course
 * @var array<string, mixed> $view
 */

declare(strict_types=1);

use Floodgate\Http\Page;

$site = get_bloginfo('name');
?>
<!doctype html>
<html <?php language_attributes(); ?>>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><?php echo esc_html("{$course->title} – {$site}"); ?></title>
<?php if ($state === 'closed') : ?>
<noscript><meta http-equiv="refresh" content="20"></noscript>
<?php endif; ?>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="<?php echo esc_url(Page::asset('course.css')); ?>">
<script src="<?php echo esc_url(Page::asset('course.js')); ?>" defer></script>
</head>
<body>
<header class="site"><a href="<?php echo esc_url(home_url('/')); ?>"><?php echo esc_html($site); ?></a></header>
<main id="floodgate" class="is-<?php echo esc_attr($state); ?>"
    data-floodgate-state="<?php echo esc_attr($state); ?>"
    data-floodgate-opens="<?php echo esc_attr((string) ($course->opensAt / 1000)); ?>"
    data-floodgate-now="<?php echo esc_attr((string) ($course->now / 1000)); ?>"
    <?php if (isset($view['code'])) : ?>data-floodgate-code="<?php echo esc_attr($view['code']); ?>"<?php endif; ?>>
<div class="intro">
<p class="eyebrow"><?php esc_html_e('Registration', 'floodgate'); ?></p>
<h1><?php echo esc_html($course->title); ?></h1>
</div>
<section class="card">
<?php require __DIR__ . "/{$template}.php"; ?>
</section>
</main>
<footer class="site">
<a href="<?php echo esc_url(home_url('/')); ?>"><?php
    /* translators: %s: name of the site */
    echo esc_html(sprintf(__('Back to %s', 'floodgate'), $site));
?></a>
</footer>
</body>
</html>
