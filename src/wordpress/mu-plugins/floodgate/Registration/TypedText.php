<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * What people type, as it is kept: in every script, with the joiners, marks and spacing that the script needs. Invisible
 * characters that carry nothing go. Knows nothing of WordPress; the texts are UTF-8.
 */
final class TypedText
{
    /** Letters that are never joined, nor written with a joiner, nor varied by a selector: in others a joiner tells words apart. */
    private const UNJOINED = '[\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}\p{Hebrew}\p{Hiragana}\p{Katakana}\p{Han}\p{Hangul}]';
    private const JOINED = '(?!' . self::UNJOINED . ')[\p{L}\p{M}]';
    /** Scripts that set no blanks between words, where U+200B says at which place a line may break. */
    private const UNSPACED = '[\p{Khmer}\p{Thai}\p{Lao}\p{Myanmar}\p{Tibetan}\p{Javanese}\p{Balinese}]';
    /** Invisible characters that something is written with. */
    private const CARRYING = [
        // Joiners of Arabic, Indic and other scripts; the one that parts, only before what it parts.
        '(?<=' . self::JOINED . ')(?:\x{200D}|\x{200C}(?=[\p{L}\p{M}\p{N}\x{200D}])){1,3}',
        '\x{200D}(?=' . self::JOINED . ')',
        // Emoji of several, and the flags that are spelled.
        '(?<=[\p{ExtPict}\p{EMod}\x{FE0F}])\x{200D}(?=\p{ExtPict})',
        '\x{1F3F4}[\x{E0020}-\x{E007E}]{1,32}\x{E007F}',
        // Which shape of a character is meant.
        '(?<=(?![\p{Latin}\p{Greek}\p{Cyrillic}])[\p{L}\p{N}\p{P}\p{S}])[\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]',
        '(?<=' . self::UNSPACED . ')\x{200B}(?=' . self::UNSPACED . ')',
        '(?<=\p{Mongolian})\x{180E}(?=\p{Mongolian})',
        // Old Korean syllables that lack a part.
        '\x{115F}(?=[\x{1160}-\x{11A7}])',
        '(?<=[\x{1100}-\x{115F}])\x{1160}',
    ];
    /**
     * Invisible characters: of control, of formatting, fillers, no characters at all. Those of a direction that end are
     * among them, so that no text turns another one round; the marks of a direction are not.
     */
    private const INVISIBLE = '(?!\s)\p{Cc}|[\x{AD}\x{115F}\x{1160}\x{180E}\x{200B}-\x{200D}\x{202A}-\x{202E}\x{2060}-\x{206F}'
        . '\x{3164}\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFFB}\x{1D173}-\x{1D17A}\x{E0000}-\x{E0FFF}\p{NChar}]';
    /** Blanks that a script has for itself: the ideographic one, Ogham's, and Mongolian's before a suffix. */
    private const OWN_BLANK = '(?<!\s)[\x{1680}\x{3000}](?!\s)|(?<=\p{Mongolian})\x{202F}(?=\p{Mongolian})';
    private const VISIBLE = '(?![\x{115F}\x{1160}\x{2800}])[\p{L}\p{N}\p{P}\p{S}\p{Cn}\p{Co}]';
    /** Ideographs that "composed" means to replace by others that look different: people write their names with them. */
    private const COMPOSABLE = '[^\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}]+';

    /** One line of it, composed, without needless blanks; empty where nothing is to be seen. */
    public static function line(string $typed): string
    {
        if (preg_match('/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/D', $typed) === 1) {
            return $typed;
        }
        $kept = implode('|', self::CARRYING);
        $text = (string) preg_replace([
            "/(?:$kept)(*SKIP)(*FAIL)|" . self::INVISIBLE . '/u',
            '/([\x{1680}\x{3000}])\1+/u',
            '/(?:' . self::OWN_BLANK . ')(*SKIP)(*FAIL)|[^\S\x{180E}]+/u',
            '/^[\s\p{Bidi_C}]+|[\s\p{Bidi_C}]+$/u',
        ], ['', '$1', ' ', ''], self::composed($typed));
        return preg_match('/' . self::VISIBLE . '/u', $text) === 1 ? $text : '';
    }

    /** Several lines, each as above, without empty ones at the beginning and the end. */
    public static function lines(string $typed): string
    {
        return trim(implode("\n", array_map(self::line(...), preg_split('/\R/u', $typed) ?: [])));
    }

    /** The same for all texts that differ in what is not seen alone: without anything invisible, composed, with plain blanks. */
    public static function bare(string $text): string
    {
        $visible = (string) preg_replace(['/\p{DI}+/u', '/\s+/u'], ['', ' '], $text);
        return trim((string) \Normalizer::normalize($visible));
    }

    private static function composed(string $text): string
    {
        return \Normalizer::isNormalized($text) ? $text : (string) preg_replace_callback(
            '/' . self::COMPOSABLE . '/u',
            static fn (array $part): string => (string) \Normalizer::normalize($part[0]),
            $text
        );
    }
}
