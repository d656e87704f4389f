<?php

declare(strict_types=1);

namespace Floodgate\Http;

/** What every page says of the site: its name, its address, how it writes dates. From WordPress's own options. */
final class SiteInfo
{
    /** The options that fromOptions() reads. */
    public const OPTIONS = ['blogname', 'WPLANG', 'date_format', 'time_format', 'timezone_string', 'gmt_offset', 'blog_public'];

    /**
     * @param string $url without a slash at its end
     * @param string $locale WordPress's spelling, such as de_DE_formal
     * @param string $dayFormat as PHP's date() reads it, as the next one
     * @param string $clockFormat of a time of day, without its zone
     * @param string $zone IANA name, or '' for a fixed offset
     * @param float $offset hours ahead of UTC, where there is no zone
     * @param bool $isPublic may search engines list it?
     */
    public function __construct(
        public readonly string $name,
        public readonly string $url,
        public readonly string $locale,
        public readonly string $dayFormat,
        public readonly string $clockFormat,
        private readonly string $zone,
        private readonly float $offset,
        public readonly bool $isPublic = true,
    ) {
    }

    public static function ofWordPress(): self
    {
        $options = array_combine(self::OPTIONS, array_map(static fn (string $name): string => (string) get_option($name), self::OPTIONS));
        return self::fromOptions(['WPLANG' => get_locale()] + $options, home_url());
    }

    /** @param array<string, string|null> $options OPTIONS as the table has them; what is missing has WordPress's default */
    public static function fromOptions(array $options, string $url): self
    {
        $get = static fn (string $name, string $default): string => ($options[$name] ?? '') !== '' ? (string) $options[$name] : $default;
        return new self(
            name: html_entity_decode($get('blogname', ''), ENT_QUOTES | ENT_HTML5), // stored escaped
            url: rtrim($url, '/'),
            locale: $get('WPLANG', 'en_US'),
            dayFormat: $get('date_format', 'F j, Y'),
            clockFormat: self::withoutZone($get('time_format', 'g:i a')),
            zone: $get('timezone_string', ''),
            offset: (float) $get('gmt_offset', '0'),
            isPublic: $get('blog_public', '1') !== '0',
        );
    }

    /** Behind each time stands its zone: a format that has it too would say it twice, and as GMT-0330 where it has no letters. */
    private static function withoutZone(string $format): string
    {
        return (string) preg_replace('/[\s,]*\(?(?<!\\\\)[TePpO]\)?/', '', $format) ?: 'g:i a';
    }

    /** Made when it is asked for: most answers say no time, and a zone is read from a file. */
    public function timeZone(): \DateTimeZone
    {
        $minutes = (int) round(abs($this->offset) * 60);
        $offset = sprintf('%s%02d:%02d', $this->offset < 0 ? '-' : '+', intdiv($minutes, 60), $minutes % 60);
        return self::zone($this->zone) ?? new \DateTimeZone($offset);
    }

    /** The zone of that IANA name, or null when there is none. */
    public static function zone(?string $name): ?\DateTimeZone
    {
        try {
            return (string) $name === '' ? null : new \DateTimeZone((string) $name);
        } catch (\DateInvalidTimeZoneException) {
            return null;
        }
    }
}
