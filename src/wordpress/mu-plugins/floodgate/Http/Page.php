<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Course;
use Floodgate\Registration\Outcome;
use Floodgate\Registration\State;

/** Sends one of the templates in the plugin's own frame: light, and the same under any theme, with WordPress and without. */
final class Page
{
    /** Nothing from elsewhere, no inline code, nobody else's frame. */
    private const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
        . " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

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

    /** Address of a file in assets/, which changes with its content. */
    public static function asset(string $name): string
    {
        // The image has a list, or each claim would read its page's files.
        $list = dirname(__DIR__) . '/assets/versions.php';
        $versions = is_file($list) ? require $list : [];
        $version = $versions[$name] ?? substr((string) hash_file('sha256', dirname(__DIR__) . "/assets/$name"), 0, 8);
        return Text::home("/mu-plugins/floodgate/assets/$name?v=$version");
    }
}
