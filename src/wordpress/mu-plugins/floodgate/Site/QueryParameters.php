<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * Tells nginx which parameters of an address can have an effect on a page: those that WordPress knows, and those that the code
 * of the active plugins and themes names. Any other one, such as a newsletter's mark of its recipient, neither splits the cache
 * nor reaches PHP.
 *
 * A plugin that puts a name together is not seen; it, or whoever runs the site, adds it by the filter `floodgate_query_parameters`.
 */
final class QueryParameters
{
    /** On the volume, where every task's nginx reads it. */
    private const LIST = '/.floodgate-parameters';
    /** Option: which code was read last, and what it names. */
    private const IN_CODE = 'floodgate_parameters_in_code';
    /** Those of WordPress that are no query variables. */
    private const OF_WORDPRESS = [
        'rest_route', 'preview_id', 'preview_nonce', 'preview_time', 'replytocom', 'unapproved', 'moderation-hash', 'cst',
        'customize_changeset_uuid', 'customize_theme', 'customize_messenger_channel', 'customize_autosaved', 'wp_customize', 'doing_wp_cron',
    ];
    private const NAMED = '/(?:\$_(?:GET|REQUEST)\s*\[|filter_input\(\s*INPUT_GET\s*,|get_query_var\()\s*[\'"]([^\'"\s]{1,64})[\'"]/';
    private const FILES_MAX = 20_000;

    public static function register(): void
    {
        add_action('admin_init', self::refresh(...));
    }

    /** Where the list has changed, write it. The install step has no plugins loaded, and takes away nothing. */
    public static function refresh(): void
    {
        global $wp;
        $kept = explode("\n", trim((string) @file_get_contents(WP_CONTENT_DIR . self::LIST)));
        $names = (array) apply_filters('floodgate_query_parameters', [
            ...(array) apply_filters('query_vars', $wp->public_query_vars),
            ...self::OF_WORDPRESS,
            ...self::inCode(),
            ...(wp_installing() ? $kept : []),
        ]);
        // As nginx reads a name: PHP has no others.
        $names = array_filter(array_unique(array_map(strval(...), $names)), static fn (string $name): bool => preg_match('/^[^\s\[.=&]+$/D', $name) === 1);
        sort($names);
        if ($names !== $kept) {
            self::write("\n" . implode("\n", $names) . "\n");
        }
    }

    private static function write(string $list): void
    {
        // In one step: nginx never reads half of it.
        $new = tempnam(WP_CONTENT_DIR, self::LIST);
        if ($new === false || file_put_contents($new, $list) === false || !chmod($new, 0644) || !rename($new, WP_CONTENT_DIR . self::LIST)) {
            error_log('floodgate: cannot write ' . WP_CONTENT_DIR . self::LIST . ': parameters of new plugins do not reach their pages');
        }
    }

    /** @return list<string> what the code of the active plugins and themes names; read when that is another than before */
    private static function inCode(): array
    {
        $folders = array_unique([
            ...array_map(static fn (string $plugin): string => WP_PLUGIN_DIR . '/' . $plugin, (array) get_option('active_plugins', [])),
            get_stylesheet_directory(),
            get_template_directory(),
        ]);
        $code = md5(implode("\n", [...$folders, CodeGeneration::current(WP_CONTENT_DIR), (string) getenv('FLOODGATE_COMMIT')]));
        $known = get_option(self::IN_CODE);
        if (is_array($known) && ($known['code'] ?? null) === $code) {
            return $known['names'];
        }
        $names = [];
        foreach (self::files($folders) as $file) {
            preg_match_all(self::NAMED, (string) @file_get_contents($file), $found);
            $names += array_flip($found[1]);
        }
        $names = array_map(strval(...), array_keys($names));
        update_option(self::IN_CODE, ['code' => $code, 'names' => $names], false);
        return $names;
    }

    /**
     * @param array<string> $roots folders, or the main files of plugins: one that lies in a folder of its own brings all of that
     * @return \Generator<string>
     */
    private static function files(array $roots): \Generator
    {
        $count = 0;
        foreach ($roots as $root) {
            $folder = is_dir($root) ? $root : dirname($root);
            if (!is_dir($folder) || $folder === WP_PLUGIN_DIR) {
                yield $root;
                continue;
            }
            $all = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($folder, \FilesystemIterator::SKIP_DOTS));
            foreach ($all as $file) {
                if ($file->getExtension() === 'php' && $count++ < self::FILES_MAX) {
                    yield $file->getPathname();
                }
            }
        }
    }
}
