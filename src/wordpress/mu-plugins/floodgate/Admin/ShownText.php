<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** What a course's text may show: what lies on this site. The page's policy lets a browser load nothing else. */
final class ShownText
{
    /** Attributes that a browser loads by, by element. */
    private const LOADS = [
        'IMG' => ['src', 'srcset'], 'VIDEO' => ['src', 'poster'], 'AUDIO' => ['src'], 'SOURCE' => ['src', 'srcset'], 'TRACK' => ['src'],
    ];

    /** @return list<string> addresses of other sites that the text would load something from */
    public static function elsewhere(string $html): array
    {
        $found = [];
        $tags = new \WP_HTML_Tag_Processor($html);
        while ($tags->next_tag()) {
            foreach (self::LOADS[$tags->get_tag()] ?? [] as $attribute) {
                $value = trim((string) $tags->get_attribute($attribute));
                foreach ($attribute === 'srcset' ? preg_split('/\s*,\s+/', $value) : [$value] as $address) {
                    $address = (string) strtok((string) $address, " \n\t");
                    if (!self::isHere($address)) {
                        $found[] = $address;
                    }
                }
            }
        }
        return array_values(array_unique($found));
    }

    /** @return list<string> elements that were typed and are not in what is kept, such as iframe */
    public static function takenOut(string $typed, string $kept): array
    {
        return array_values(array_diff(self::elements($typed), self::elements($kept)));
    }

    /** @return list<string> */
    private static function elements(string $html): array
    {
        $found = [];
        $tags = new \WP_HTML_Tag_Processor($html);
        while ($tags->next_tag()) {
            $found[] = strtolower((string) $tags->get_tag());
        }
        return array_unique($found);
    }

    private static function isHere(string $address): bool
    {
        // A browser reads "\" as "/", and leaves line feeds out.
        $address = strtr($address, ['\\' => '/']);
        return preg_match('#^(?:[a-z][a-z0-9+.-]*:|//)#i', $address) !== 1 || str_starts_with($address, home_url('/'));
    }
}
