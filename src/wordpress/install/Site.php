<?php

declare(strict_types=1);

namespace Floodgate\Install;

use Floodgate\Admin\Access;
use Floodgate\Registration\Database;
use Floodgate\Registration\Schema;

/** WordPress's own tables and settings, and the registration's tables. */
final class Site
{
    private const PERMALINKS = '/%postname%/';
    private const TITLE_APPLIED = 'floodgate_site_title';
    private const ACCESS_GIVEN = 'floodgate_access';
    private const THEME_CHOSEN = 'floodgate_theme';
    private const ZONE_APPLIED = 'floodgate_time_zone';
    /** What sites of earlier versions began with. */
    private const STOCK_THEME = 'twentytwentyfive';

    /** Load WordPress for installing: its tables may not be there yet. */
    public static function load(Settings $settings): void
    {
        $_SERVER += [
            'HTTP_HOST' => (string) preg_replace('#^https?://#', '', $settings->siteUrl),
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'REQUEST_METHOD' => 'GET',
            'REQUEST_URI' => '/',
            'REMOTE_ADDR' => '127.0.0.1',
        ];
        define('WP_INSTALLING', true);
        require_once __DIR__ . '/overrides.php';
        require_once '/var/www/wordpress/core/wp-load.php';
        require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    }

    public static function bringUpToDate(Settings $settings): void
    {
        $schema = new Schema(Database::ofWordPress());
        // An install step that was killed may have left tables without roles; installing again completes them.
        if (!is_blog_installed() || !wp_roles()->is_role('administrator')) {
            // With a structure set, the installer does not try to find one by asking a web server that is not up yet.
            $structure = static fn (): string => self::PERMALINKS;
            add_filter('pre_option_permalink_structure', $structure);
            wp_install(
                $settings->siteTitle,
                $settings->adminUser,
                $settings->adminEmail,
                $settings->isProduction,
                '',
                wp_slash($settings->adminPassword)
            );
            remove_filter('pre_option_permalink_structure', $structure);
            self::removeSamples();
            update_option('timezone_string', 'UTC');
            update_option('blogdescription', __('Choose a course and take your seat.', 'floodgate'));
            \floodgate_say('installed WordPress ' . wp_get_wp_version());
        } elseif ((int) get_option('db_version') !== $GLOBALS['wp_db_version']) {
            $before = get_option('db_version');
            wp_upgrade();
            \floodgate_say("upgraded WordPress's tables from version $before to {$GLOBALS['wp_db_version']}");
        }
        foreach ($schema->migrate() as $version) {
            \floodgate_say("applied registration migration $version");
        }
        self::letOrganisersIn();
        self::title($settings->siteTitle);
        self::timeZone($settings->timeZone);
        self::chooseTheme();
        self::choosePermalinks();
    }

    /** Once: an administrator may take it away from a role, or give it to another. */
    private static function letOrganisersIn(): void
    {
        if (get_option(self::ACCESS_GIVEN) !== false) {
            return;
        }
        foreach (Access::ROLES as $role) {
            get_role($role)?->add_cap(Access::CAPABILITY);
        }
        update_option(self::ACCESS_GIVEN, Access::ROLES, false);
        \floodgate_say('gave registration to the roles ' . implode(' and ', Access::ROLES));
    }

    /** When it is new in the settings: what an editor calls the site stays. Its address is a constant in wp-config.php. */
    private static function title(string $title): void
    {
        if (get_option(self::TITLE_APPLIED) !== $title) {
            update_option('blogname', $title);
            update_option(self::TITLE_APPLIED, $title, false);
            \floodgate_say("named the site \"$title\"");
        }
    }

    /** When it is new in the settings, as the title. */
    private static function timeZone(?string $zone): void
    {
        if ($zone !== null && get_option(self::ZONE_APPLIED) !== $zone) {
            update_option('timezone_string', $zone);
            update_option(self::ZONE_APPLIED, $zone, false);
            \floodgate_say("set the site's time zone to $zone");
        }
    }

    /** Once: the site's own theme, where the stock one is as it came. What an editor has made of that one stays. */
    private static function chooseTheme(): void
    {
        if (get_option(self::THEME_CHOSEN) !== false) {
            return;
        }
        if (get_option('stylesheet') === self::STOCK_THEME && !self::isEdited(self::STOCK_THEME)) {
            switch_theme(WP_DEFAULT_THEME);
            \floodgate_say('chose the theme ' . WP_DEFAULT_THEME);
        }
        update_option(self::THEME_CHOSEN, get_option('stylesheet'), false);
    }

    /** Has anybody changed its templates, its parts or its styles in the site editor? */
    private static function isEdited(string $theme): bool
    {
        $kept = get_posts([
            'post_type' => ['wp_template', 'wp_template_part', 'wp_global_styles'],
            'post_status' => ['publish', 'draft', 'auto-draft'],
            'numberposts' => -1,
            'tax_query' => [['taxonomy' => 'wp_theme', 'field' => 'name', 'terms' => $theme]],
        ]);
        foreach ($kept as $post) {
            $styles = $post->post_type === 'wp_global_styles' ? json_decode($post->post_content, true) : null;
            // The editor makes an empty one of these when it is opened.
            if ($styles === null || ($styles['settings'] ?? []) !== [] || ($styles['styles'] ?? []) !== []) {
                return true;
            }
        }
        return false;
    }

    /** Once: an editor may choose others later. */
    private static function choosePermalinks(): void
    {
        global $wp_rewrite;
        if (get_option('permalink_structure') === '' || get_option('permalink_structure') === false) {
            $wp_rewrite->set_permalink_structure(self::PERMALINKS);
            $wp_rewrite->flush_rules(false);
            \floodgate_say('set permalinks to ' . self::PERMALINKS);
        }
    }

    /** "Hello world!", "Sample Page" and their comment. */
    private static function removeSamples(): void
    {
        foreach (['post' => 'hello-world', 'page' => 'sample-page'] as $type => $slug) {
            $sample = get_page_by_path($slug, OBJECT, $type);
            if ($sample instanceof \WP_Post) {
                wp_delete_post($sample->ID, true);
            }
        }
    }
}
