<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * What is offered is allowed. Pages of other sites in a frame: yes. What would bring a script of theirs into the page: no, it stays a
 * link, and the editor says so. This site's pages in others' frames: no, so nobody is told that there is a way.
 */
final class Embeds
{
    /** The editor's blocks for services that show nothing without a script of theirs. */
    private const BY_SCRIPT = ['twitter', 'bluesky', 'tiktok', 'reddit', 'imgur', 'tumblr'];

    public static function register(): void
    {
        add_filter('oembed_dataparse', static fn (mixed $html): mixed => is_string($html) && self::needsScript($html) ? false : $html, PHP_INT_MAX);
        // What an earlier answer of a service has left in the database.
        add_filter('embed_oembed_html', static fn (mixed $html, string $url): mixed => is_string($html) && self::needsScript($html)
            ? sprintf('<a href="%s">%s</a>', esc_url($url), esc_html($url))
            : $html, PHP_INT_MAX, 2);
        add_action('enqueue_block_editor_assets', self::offerLess(...));
        remove_action('wp_head', 'wp_oembed_add_discovery_links');
        remove_filter('pre_oembed_result', 'wp_filter_pre_oembed_result');
        add_filter('rest_endpoints', static fn (array $endpoints): array => array_diff_key($endpoints, ['/oembed/1.0/embed' => true]));
        add_action('template_redirect', static function (): void {
            if (is_embed()) {
                wp_safe_redirect((string) (get_permalink() ?: home_url('/')), 301);
                exit;
            }
        }, 1);
    }

    private static function needsScript(string $html): bool
    {
        $tags = new \WP_HTML_Tag_Processor($html);
        while ($tags->next_tag('script')) {
            if ($tags->get_attribute('src') !== null) {
                return true;
            }
        }
        return false;
    }

    private static function offerLess(): void
    {
        $names = wp_json_encode(self::BY_SCRIPT);
        // When the block is registered, whatever loads first.
        wp_add_inline_script('wp-block-library', "wp.hooks.addFilter('blocks.registerBlockType', 'floodgate/embeds', (block, name) => name === 'core/embed'"
            . " ? { ...block, variations: block.variations.filter((service) => !$names.includes(service.name)) } : block);", 'before');
    }
}
