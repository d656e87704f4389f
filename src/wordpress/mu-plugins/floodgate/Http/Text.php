<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Site\Languages;

/**
 * What templates write: escaped, translated, dated, the same with WordPress and without. What is printed has been through
 * html(), attr() or url(); everything else here returns plain text.
 */
final class Text
{
    private const DOMAIN = 'floodgate';
    private const RIGHT_TO_LEFT = ['ar', 'ary', 'arg', 'azb', 'ckb', 'fa', 'haz', 'he', 'ps', 'sd', 'skr', 'ug', 'ur'];
    /** ICU's patterns for those letters of a date format that are words. What the clocks show is PHP's to say, in all of them. */
    private const WORDS = ['D' => 'EEE', 'l' => 'EEEE', 'M' => 'MMM', 'F' => 'MMMM', 'a' => 'a', 'A' => 'a'];

    private static ?SiteInfo $site = null;
    /** @var array<string, \IntlDateFormatter> by letter and locale */
    private static array $words = [];

    /** Without WordPress: say whose pages these are, before anything is written. */
    public static function speakFor(SiteInfo $site): void
    {
        self::$site = $site;
        if (!str_starts_with($site->locale, 'en')) {
            Translations::load($site->locale);
        }
    }

    public static function site(): SiteInfo
    {
        return self::$site ??= SiteInfo::ofWordPress();
    }

    /** Text between tags. */
    public static function html(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    /** Text in a quoted attribute. */
    public static function attr(string $text): string
    {
        return self::html($text);
    }

    /** An address in a quoted attribute: http, https or a path of the site; empty when it is anything else. */
    public static function url(string $address): string
    {
        return preg_match('#^(?:https?://|/(?!/))[^\s\x00-\x1f\\\\]*$#i', $address) === 1 ? self::html($address) : '';
    }

    /** The sentence in the site's language. */
    public static function t(string $text): string
    {
        return self::withWordPress() ? (string) translate($text, self::DOMAIN) : Translations::of($text);
    }

    /** The form for $number of a sentence with a plural; the number itself is still to be put in. */
    public static function n(string $one, string $many, int $number): string
    {
        return self::withWordPress() ? _n($one, $many, $number, self::DOMAIN) : Translations::ofPlural($one, $many, $number);
    }

    /** A whole number as the language writes it. */
    public static function number(int $number): string
    {
        return self::inEnglish()
            ? number_format($number)
            : (string) self::spoken(static fn (string $locale): \NumberFormatter => new \NumberFormatter($locale, \NumberFormatter::DECIMAL))->format($number);
    }

    /**
     * A moment in words: the site's format and language, with the time zone.
     *
     * @param int $milliseconds since 1970
     * @param string|null $zone IANA name; null is the site's
     */
    public static function date(int $milliseconds, ?string $zone = null): string
    {
        $at = self::at($milliseconds, $zone);
        return self::written($at, self::site()->dayFormat . ', ' . self::site()->clockFormat) . ' ' . self::zoneName($at);
    }

    /**
     * Two moments in words, the first before the second: the day and the zone once where they are the same.
     *
     * @param callable(int, string): string $mark what becomes of each moment's words, such as HTML
     */
    public static function span(int $from, int $to, ?string $zone, callable $mark): string
    {
        [$first, $last] = [self::at($from, $zone), self::at($to, $zone)];
        [$day, $clock] = [self::site()->dayFormat . ', ', self::site()->clockFormat];
        $isOneDay = $first->format('Y-m-d P') === $last->format('Y-m-d P');
        /* translators: 1: date and time of the beginning, 2: of the end */
        $pattern = self::t('%1$s to %2$s');
        return sprintf(
            $pattern,
            $mark($from, self::written($first, $day . $clock) . ($isOneDay ? '' : ' ' . self::zoneName($first))),
            $mark($to, self::written($last, ($isOneDay ? '' : $day) . $clock) . ' ' . self::zoneName($last))
        );
    }

    /** A time zone as it stands behind a time: CET. PHP has “-03” or “GMT+0200” where it has no letters; here it is UTC−3, UTC+2. */
    public static function zoneName(\DateTimeImmutable $at): string
    {
        $name = $at->format('T');
        if (preg_match('/\d/', $name) !== 1) {
            return $name;
        }
        $minutes = intdiv(abs($at->getOffset()), 60);
        if ($minutes === 0) {
            return 'UTC';
        }
        $sign = $at->getOffset() < 0 ? '−' : '+';
        $rest = $minutes % 60 === 0 ? '' : sprintf(':%02d', $minutes % 60);
        return 'UTC' . $sign . intdiv($minutes, 60) . $rest;
    }

    /**
     * For an attribute datetime: the moment as the clock of a time zone shows it, with its offset.
     *
     * @param int $milliseconds since 1970
     * @param string|null $zone IANA name; null is the site's
     */
    public static function isoDate(int $milliseconds, ?string $zone = null): string
    {
        return self::at($milliseconds, $zone)->format('c');
    }

    /** The moment in words, for people and, in an attribute, for scripts; HTML. */
    public static function time(int $milliseconds, ?string $zone = null): string
    {
        return self::marked($milliseconds, $zone, self::date($milliseconds, $zone));
    }

    public static function siteName(): string
    {
        return self::site()->name;
    }

    /** Address of a path of the site. */
    public static function home(string $path = '/'): string
    {
        return self::site()->url . $path;
    }

    /** Attributes of the element html. */
    public static function languageAttributes(): string
    {
        return self::language() . (in_array(strtok(self::site()->locale, '_'), self::RIGHT_TO_LEFT, true) ? ' dir="rtl"' : '');
    }

    /** With a blank before it, for an element of the plugin's own words: that they are English where the site is not. */
    public static function ownLanguage(): string
    {
        return self::isTranslated() ? '' : ' lang="en"';
    }

    /** The same for what is the site's within such an element: what its people wrote, and its dates. */
    public static function siteLanguage(): string
    {
        return self::isTranslated() ? '' : ' ' . self::language();
    }

    /** With a blank before it, for an element with times: what a script says before those of the visitor's zone, and in which language. */
    public static function ofYourTimes(): string
    {
        return ' data-yours="' . self::attr(self::t('In your time zone:')) . '"' . (self::isTranslated() ? '' : ' data-yours-language="en"');
    }

    private static function language(): string
    {
        // "formal" and its like are WordPress's own
        return 'lang="' . self::attr(implode('-', array_slice(explode('_', self::site()->locale), 0, 2))) . '"';
    }

    private static function isTranslated(): bool
    {
        return self::inEnglish() || Languages::file(self::site()->locale) !== null;
    }

    /** The words of a moment as an element; HTML. */
    public static function marked(int $milliseconds, ?string $zone, string $words): string
    {
        return sprintf('<time%s datetime="%s">%s</time>', self::siteLanguage(), self::isoDate($milliseconds, $zone), self::html($words));
    }

    /** @param string $format as date() reads it, in the site's language */
    private static function written(\DateTimeImmutable $at, string $format): string
    {
        return self::inEnglish() ? $at->format($format) : self::inWords($at, $format);
    }

    private static function at(int $milliseconds, ?string $zone): \DateTimeImmutable
    {
        return (new \DateTimeImmutable('@' . intdiv($milliseconds, 1000)))->setTimezone(SiteInfo::zone($zone) ?? self::site()->timeZone());
    }

    private static function inWords(\DateTimeImmutable $at, string $format): string
    {
        $text = '';
        // The same date and time where there are no time zones: ICU has rules of its own for them, often older ones.
        $shown = new \DateTimeImmutable($at->format('Y-m-d H:i:s'), new \DateTimeZone('UTC'));
        // A backslash keeps the letter after it, as in date().
        foreach (mb_str_split($format) as $i => $letter) {
            $kept = $i > 0 && mb_substr($format, $i - 1, 1) === '\\';
            $text .= match (true) {
                $letter === '\\' => '',
                $kept => $letter,
                isset(self::WORDS[$letter]) => (string) self::word($letter)->format($shown),
                default => $at->format($letter),
            };
        }
        return $text;
    }

    private static function word(string $letter): \IntlDateFormatter
    {
        return self::$words["$letter " . self::site()->locale] ??= self::spoken(static fn (string $locale): \IntlDateFormatter => new \IntlDateFormatter(
            $locale,
            \IntlDateFormatter::NONE,
            \IntlDateFormatter::NONE,
            'UTC',
            \IntlDateFormatter::GREGORIAN,
            self::WORDS[$letter]
        ));
    }

    /**
     * What ICU has for the site's language; for English where WordPress speaks a language that is none to ICU, such as Saraiki.
     *
     * @template T
     * @param callable(string): T $of of a locale; PHP refuses one of an unknown language
     * @return T
     */
    private static function spoken(callable $of): mixed
    {
        try {
            return $of(self::site()->locale);
        } catch (\ValueError) {
            return $of('en');
        }
    }

    private static function inEnglish(): bool
    {
        return str_starts_with(self::site()->locale, 'en');
    }

    private static function withWordPress(): bool
    {
        return function_exists('translate');
    }
}
