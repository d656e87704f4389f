<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\Picture;

/** What search engines, messengers and networks read of a page to show a link to it: Open Graph, and schema.org's Event. */
final class LinkPreview
{
    /** Pixels that a large card wants. */
    private const CARD_WIDTH = 1200;
    /** Characters of a description that are shown. */
    private const DESCRIPTION_MAX = 160;

    /** @param string $address whole */
    public static function tags(string $title, string $address, string $description, ?Picture $picture): string
    {
        // One element each: what reads names and what reads properties both find the description.
        $tags = $description === '' ? '' : sprintf("<meta name=\"description\" property=\"og:description\" content=\"%s\">\n", Text::attr($description));
        $size = $picture?->atLeast(self::CARD_WIDTH);
        // Without a type it is a website.
        $properties = [
            'site_name' => Text::siteName(),
            'title' => $title,
            'url' => $address,
            ...($size === null ? [] : [
                'image' => self::address($size['path']),
                'image:width' => (string) $size['width'],
                'image:height' => (string) $size['height'],
            ]),
            ...(($picture->alt ?? '') === '' ? [] : ['image:alt' => $picture->alt]),
        ];
        foreach ($properties as $name => $content) {
            $tags .= sprintf("<meta property=\"og:%s\" content=\"%s\">\n", $name, Text::attr($content));
        }
        // A small card is what a page without this has.
        return $size === null ? $tags : "$tags<meta name=\"twitter:card\" content=\"summary_large_image\">\n";
    }

    public static function of(Course $course): string
    {
        return self::tags($course->title, Text::home($course->path()), self::describe($course), $course->picture) . self::event($course);
    }

    /** Of a file, in ASCII: programs that fetch it do not spell an address as browsers do. */
    private static function address(string $path): string
    {
        return (string) preg_replace_callback('/[^!-~]+/', static fn (array $match): string => rawurlencode($match[0]), Text::home($path));
    }

    /** The summary; where nobody has written one, the text's beginning; where there is no text, when and where it is. */
    public static function describe(Course $course): string
    {
        // Blocks end words: "<p>one</p><p>two</p>" is two of them.
        $text = html_entity_decode(strip_tags((string) preg_replace('#<(?:/?(?:p|div|h\d|ul|ol|li|br|hr|table|tr|td|th|blockquote)\b)#i', ' $0', $course->text)), ENT_QUOTES | ENT_HTML5);
        $text = trim((string) preg_replace('/\s+/u', ' ', $text));
        if (mb_strlen($text) > self::DESCRIPTION_MAX) {
            $text = rtrim((string) preg_replace('/\s\S*$/u', '', mb_substr($text, 0, self::DESCRIPTION_MAX)), ' ,;:–-') . ' …';
        }
        return match (true) {
            $course->summary !== '' => $course->summary,
            $text !== '' => $text,
            default => implode(' · ', CourseFacts::of($course)),
        };
    }

    /**
     * The course as an event, where it has a date. Of its offer only what an organiser has decided: when it begins and ends.
     * Whether a seat is left changes by the second, and who reads this keeps it for days.
     */
    private static function event(Course $course): string
    {
        if ($course->startsAt === null) {
            return '';
        }
        $at = static fn (?int $milliseconds): ?string => $milliseconds === null ? null : Text::isoDate($milliseconds, $course->timeZone);
        $address = Text::home($course->path());
        $event = [
            '@context' => 'https://schema.org',
            '@type' => 'Event',
            'name' => $course->title,
            'url' => $address,
            'startDate' => $at($course->startsAt),
            'endDate' => $at($course->endsAt),
            'location' => $course->place === '' ? null : ['@type' => 'Place', 'name' => $course->place, 'address' => $course->place],
            'description' => self::describe($course),
            'image' => $course->picture === null ? null : [self::address($course->picture->atLeast(self::CARD_WIDTH)['path'])],
            'organizer' => ['@type' => 'Organization', 'name' => Text::siteName(), 'url' => Text::home()],
            'maximumAttendeeCapacity' => $course->seats,
            'offers' => array_filter([
                '@type' => 'Offer',
                'url' => $address,
                'validFrom' => $at($course->opensAt),
                'availabilityStarts' => $at($course->opensAt),
                'availabilityEnds' => $at($course->closesAt),
            ]),
        ];
        // Nothing in it ends the element.
        $json = json_encode(array_filter($event), JSON_THROW_ON_ERROR | JSON_HEX_TAG | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        return "<script type=\"application/ld+json\">$json</script>\n";
    }
}
