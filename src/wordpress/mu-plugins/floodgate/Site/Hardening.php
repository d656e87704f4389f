<?php

declare(strict_types=1);

namespace Floodgate\Site;

/** Switches off what this site does not need, and what tells a stranger its version. */
final class Hardening
{
    public static function register(): void
    {
        add_filter('xmlrpc_enabled', '__return_false');
        add_filter('the_generator', '__return_empty_string');
        add_filter('wp_headers', static function (array $headers): array {
            unset($headers['X-Pingback']);
            return $headers;
        });
        // nginx lets more of these through than log-ins: then nobody logs in by such an address.
        add_action('login_init', static function (): void {
            if (($_SERVER['QUERY_STRING'] ?? '') === 'action=postpass' && ($_REQUEST['action'] ?? '') !== 'postpass') {
                wp_die('', '', ['response' => 400]);
            }
        });
        add_action('init', static function (): void {
            remove_action('wp_head', 'rsd_link');
            // What these headers say, the page's head says too; nginx would read them again at every reload.
            remove_action('template_redirect', 'rest_output_link_header', 11);
            remove_action('template_redirect', 'wp_shortlink_header', 11);
            remove_action('wp_head', 'print_emoji_detection_script', 7);
            remove_action('wp_print_styles', 'print_emoji_styles');
            remove_action('admin_print_scripts', 'print_emoji_detection_script');
            remove_action('admin_print_styles', 'print_emoji_styles');
            remove_action('embed_head', 'print_emoji_detection_script');
        });
        // Core's scripts carry its version in their addresses. They must still change with it.
        add_action('wp_default_scripts', self::hideVersion(...), 100);
        add_action('wp_default_styles', self::hideVersion(...), 100);
        // Core comes with the image.
        add_filter('map_meta_cap', static function (array $capabilities, string $asked): array {
            return $asked === 'update_core' ? ['do_not_allow'] : $capabilities;
        }, 10, 2);
    }

    private static function hideVersion(\WP_Scripts|\WP_Styles $dependencies): void
    {
        $version = wp_get_wp_version();
        $hidden = substr(hash_hmac('sha256', $version, NONCE_SALT), 0, 8);
        $dependencies->default_version = $hidden;
        foreach ($dependencies->registered as $dependency) {
            if ($dependency->ver === $version) {
                $dependency->ver = $hidden;
            }
        }
    }
}
