<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Site\Languages;

/** The plugin's own translations without WordPress, read by WordPress's own classes for them. */
final class Translations
{
    private const DOMAIN = 'floodgate';
    private const CORE = __DIR__ . '/../../../core/wp-includes';

    private static ?\WP_Translation_Controller $controller = null;

    /** A language that there is no file for is spoken in English, as in WordPress. */
    public static function load(string $locale): void
    {
        $file = Languages::file($locale);
        if ($file === null) {
            return;
        }
        // What PHP itself does not have yet: WordPress's classes rely on it.
        require_once self::CORE . '/compat.php';
        require_once self::CORE . '/pomo/plural-forms.php';
        require_once self::CORE . '/l10n/class-wp-translation-controller.php';
        require_once self::CORE . '/l10n/class-wp-translation-file.php';
        require_once self::CORE . '/l10n/class-wp-translation-file-php.php';
        self::$controller = \WP_Translation_Controller::get_instance();
        self::$controller->load_file($file, self::DOMAIN);
    }

    public static function of(string $text): string
    {
        return (self::$controller?->translate($text, '', self::DOMAIN) ?: null) ?? $text;
    }

    public static function ofPlural(string $one, string $many, int $number): string
    {
        $english = $number === 1 ? $one : $many;
        return (self::$controller?->translate_plural([$one, $many], $number, '', self::DOMAIN) ?: null) ?? $english;
    }
}
