<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * GitOps mode: plugins and themes are the image's, all of its plugins are active, and the web changes no code. What the
 * database says about active plugins is not asked, so that a rollback of the image is a rollback of the site.
 */
final class ImageContent
{
    private const ACTIVATED = 'floodgate_image_plugins';
    private const OF_PLUGINS = ['activate_plugins', 'activate_plugin', 'deactivate_plugins', 'deactivate_plugin', 'resume_plugin'];
    private const SCREENS = [
        'plugins.php', 'plugin-install.php', 'plugin-editor.php', 'theme-install.php', 'theme-editor.php', 'update.php',
    ];

    public static function register(): void
    {
        $themes = ABSPATH . 'image-content/themes';
        add_filter('pre_option_active_plugins', self::plugins(...), 10, 0);
        add_filter('theme_root', static fn (string $root): string => $root === WP_CONTENT_DIR . '/themes' ? $themes : $root);
        // Translations are content: the volume's, and an editor's to choose.
        add_filter('file_mod_allowed', static fn (bool $allowed, string $context): bool => $allowed
            || in_array($context, ['can_install_language_pack', 'download_language_pack'], true), 10, 2);
        add_filter('map_meta_cap', static fn (array $capabilities, string $asked): array
            => in_array($asked, self::OF_PLUGINS, true) ? ['do_not_allow'] : $capabilities, 10, 2);
        add_action('admin_page_access_denied', self::refuse(...));
        add_action('admin_init', self::refuse(...));
    }

    /** Run by the install step: the activation hooks of plugins that are new in the image. */
    public static function bringUpToDate(): void
    {
        $theme = wp_get_theme();
        if (!$theme->exists()) {
            throw new \RuntimeException(
                "the active theme \"{$theme->get_stylesheet()}\" is not in the image, and GitOps mode has no other; "
                . 'add it to src/wordpress/content/themes, or choose another in the dashboard before'
            );
        }
        $known = (array) get_option(self::ACTIVATED, []);
        foreach (array_diff(self::plugins(), $known) as $plugin) {
            require_once WP_PLUGIN_DIR . '/' . $plugin;
            do_action("activate_$plugin", false);
            \floodgate_say("activated the image's plugin $plugin");
        }
        if ($known !== self::plugins()) {
            update_option(self::ACTIVATED, self::plugins());
        }
    }

    /** @return list<string> main files, relative to the folder of plugins; made by floodgate-content */
    private static function plugins(): array
    {
        return require ABSPATH . 'image-content/plugins.php';
    }

    private static function refuse(): void
    {
        if (in_array($GLOBALS['pagenow'] ?? '', self::SCREENS, true)) {
            wp_die(
                esc_html__(
                    'Plugins and themes of this site come from its repository (GitOps mode). To add, change or remove one, commit it to src/wordpress/content and let the pipeline deploy it.',
                    'floodgate'
                ),
                esc_html__('Not through the web', 'floodgate'),
                ['response' => 403, 'back_link' => true]
            );
        }
    }
}
