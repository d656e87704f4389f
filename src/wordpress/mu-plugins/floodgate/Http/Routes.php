<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claims;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Registration\FormToken;

/** The plugin's own addresses, answered before WordPress looks for a post. */
final class Routes
{
    private const COURSE = '#^/register/(?<slug>[a-z0-9-]{1,64})/?$#';
    private const CLAIM = '#^/floodgate/claim/(?<slug>[a-z0-9-]{1,64})/$#';

    public static function register(): void
    {
        add_action('init', self::dispatch(...), 0);
    }

    private static function dispatch(): void
    {
        $path = (string) parse_url((string) ($_SERVER['REQUEST_URI'] ?? ''), PHP_URL_PATH);
        try {
            if (preg_match(self::CLAIM, $path, $match) === 1) {
                self::claim($match['slug']);
            } elseif (preg_match(self::COURSE, $path, $match) === 1) {
                self::course($match['slug'], $path);
            }
        } catch (DatabaseError $error) {
            // What became of the claim is not known; the waiting page asks the person to send it again, which finds out.
            error_log("floodgate: {$path}: {$error->getMessage()}");
            http_response_code(503);
            header('X-Accel-Redirect: /.floodgate/shed');
            exit;
        }
    }

    private static function course(string $slug, string $path): void
    {
        $course = (new Courses(Database::ofWordPress()))->find($slug);
        if ($course === null) {
            return; // WordPress answers 404 in the site's own look.
        }
        if ($path !== $course->path()) {
            wp_safe_redirect(home_url($course->path()), 301);
            exit;
        }
        if (!in_array($_SERVER['REQUEST_METHOD'], ['GET', 'HEAD'], true)) {
            http_response_code(405);
            header('Allow: GET, HEAD');
            exit;
        }
        CoursePage::show($course, self::tokens());
        exit;
    }

    private static function claim(string $slug): void
    {
        $database = Database::ofWordPress();
        $course = (new Courses($database))->find($slug);
        if ($course === null) {
            return;
        }
        (new ClaimHandler(new Claims($database), self::tokens()))
            ->handle($course, wp_unslash($_POST))
            ->send((string) ($_SERVER['HTTP_ACCEPT'] ?? ''));
        exit;
    }

    private static function tokens(): FormToken
    {
        return new FormToken((string) getenv('WP_SALT'));
    }
}
