<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\SiteInfo;

/** The plugin's translations, in languages/. German is one for all who speak it: de_AT and de_DE_formal read it too. */
final class Languages
{
    private const DOMAIN = 'floodgate';
    /** The locale whose file serves a language. */
    private const OF_LANGUAGE = ['de' => 'de_DE'];

    public static function register(): void
    {
        // A zone of the site's that is not known would end WordPress at the next date: then it is the offset.
        add_filter('option_timezone_string', static fn (mixed $zone): string =>
            is_string($zone) && SiteInfo::zone($zone) !== null ? $zone : '');
        load_muplugin_textdomain(self::DOMAIN, 'floodgate/languages');
        add_filter('load_translation_file', static fn (string $file, string $domain, string $locale): string =>
            $domain === self::DOMAIN ? self::file($locale) ?? $file : $file, 10, 3);
    }

    /** The file for a locale, or null: English. Knows nothing of WordPress. */
    public static function file(string $locale): ?string
    {
        foreach ([$locale, self::OF_LANGUAGE[strtok($locale, '_')] ?? $locale] as $candidate) {
            $file = dirname(__DIR__) . "/languages/floodgate-$candidate.l10n.php";
            if (is_file($file)) {
                return $file;
            }
        }
        return null;
    }
}
