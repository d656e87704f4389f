<?php
/** Styles of the theme; everything else is theme.json's and the parent theme's. */

declare(strict_types=1);

add_action('wp_enqueue_scripts', static function (): void {
    $own = WP_Theme_JSON_Resolver::get_user_data()->get_raw_data();
    // Whoever has chosen colours in the site editor has them by day and by night.
    $isChosen = ($own['styles'] ?? []) !== [] || ($own['settings'] ?? []) !== [];
    foreach ($isChosen ? ['style'] : ['style', 'dark'] as $name) {
        $file = get_theme_file_path("$name.css");
        wp_enqueue_style("floodgate-$name", get_theme_file_uri("$name.css"), [], hash_file('xxh32', $file));
    }
}, 11);
