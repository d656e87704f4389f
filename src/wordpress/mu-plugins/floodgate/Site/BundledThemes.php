<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * The themes of the image: the site's own, and the one that it is based on. They are registered where they lie rather than
 * copied to the volume: an empty volume has a theme, and a new image brings a new version of it. Themes that people install
 * live on the volume beside them.
 *
 * With two folders of themes WordPress keeps in a transient which theme is where, and of two requests that make it at
 * the same time one finds none, has no theme, and sends an empty page with status 200. So the folder is looked up here.
 */
final class BundledThemes
{
    private const FOLDER = ABSPATH . 'bundled-themes';

    public static function register(): void
    {
        register_theme_directory(self::FOLDER);
        foreach (['stylesheet', 'template'] as $part) {
            add_filter("pre_option_{$part}_root", static fn (): string => self::root((string) get_option($part)), 10, 0);
        }
        add_filter('template_include', self::insist(...), PHP_INT_MAX);
    }

    /** As WordPress has it: a folder, or its end behind WP_CONTENT_DIR. */
    private static function root(string $theme): string
    {
        return is_dir(self::FOLDER . "/$theme") ? self::FOLDER : '/themes';
    }

    /** An error is not kept by nginx, which shows the last good page instead; an empty page would be kept. */
    private static function insist(mixed $template): string
    {
        if (!is_string($template) || $template === '') {
            wp_die(
                esc_html__('The theme of this site is missing. An administrator can choose another one.', 'floodgate'),
                '',
                ['response' => 500]
            );
        }
        return $template;
    }
}
