<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\Outcome;
use Floodgate\Registration\Picture;
use Floodgate\Registration\State;

/** Sends one of the templates in the plugin's own frame: light, and the same under any theme, with WordPress and without. */
final class Page
{
    /** Nothing from elsewhere, no inline code but the styles of an organiser's text, nobody else's frame. */
    private const POLICY = "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; script-src 'self'; img-src 'self' data:; media-src 'self';"
        . " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /** Pixels of the size for browsers that choose none. */
    private const PICTURE_WIDTH = 768;

    /**
     * @param State|Outcome $state its value is the marker on the main element, and the template's name unless the form is shown again
     * @param array<string, mixed> $view what the template shows
     */
    public static function send(int $status, State|Outcome $state, Course $course, array $view): void
    {
        http_response_code($status);
        header('Content-Type: text/html; charset=UTF-8');
        header('Content-Security-Policy: ' . self::POLICY);
        $template = match (true) {
            $state !== Outcome::Invalid => $state->value,
            $view['finds'] ?? false => 'find-form',
            $view['queues'] ?? false => 'queue-form',
            default => State::Open->value,
        };
        require dirname(__DIR__) . '/templates/frame.php';
    }

    /**
     * A picture in the sizes that it has; HTML.
     *
     * @param string $sizes the width that it takes, as CSS: the browser chooses by that
     */
    public static function picture(Picture $picture, string $sizes, bool $isLazy = false): string
    {
        $all = array_map(static fn (array $size): string => Text::url(Text::home($size['path'])) . " {$size['width']}w", $picture->sizes);
        ['path' => $path, 'width' => $width, 'height' => $height] = $picture->atLeast(self::PICTURE_WIDTH);
        return sprintf(
            '<img src="%s" srcset="%s" sizes="%s" width="%d" height="%d" alt="%s"%s>',
            Text::url(Text::home($path)),
            implode(', ', $all),
            Text::attr($sizes),
            $width,
            $height,
            Text::attr($picture->alt),
            $isLazy ? ' loading="lazy"' : ''
        );
    }

    /** Address of a file in assets/, which changes with its content. */
    public static function asset(string $name): string
    {
        $versions = require dirname(__DIR__) . '/asset-versions.php';
        $version = $versions[$name] ?? substr((string) hash_file('sha256', dirname(__DIR__) . "/assets/$name"), 0, 8);
        return "/mu-plugins/floodgate/assets/$name?v=$version";
    }
}
