<?php

declare(strict_types=1);

namespace Floodgate\Http;

/** The plugin's own translations without WordPress, read by WordPress's own classes for them. */
final class Translations
{
    private const DOMAIN = 'floodgate';
    private const CORE = __DIR__ . '/../../../core/wp-includes';

    private static ?\WP_Translation_Controller $controller = null;

    /** A language that there is no file for is spoken in English, as in WordPress. */
    public static function load(string $locale): void
    {
        $file = dirname(__DIR__) . '/languages/' . self::DOMAIN . "-$locale";
        $file = current(array_filter(["$file.l10n.php", "$file.mo"], is_file(...)));
        if ($file === false) {
            return;
        }
        require_once self::CORE . '/pomo/plural-forms.php';
        require_once self::CORE . '/l10n/class-wp-translation-controller.php';
        require_once self::CORE . '/l10n/class-wp-translation-file.php';
        require_once self::CORE . '/l10n/class-wp-translation-file-mo.php';
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
