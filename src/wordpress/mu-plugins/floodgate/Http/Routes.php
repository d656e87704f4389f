<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Admin\Access;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;
use Floodgate\Registration\DatabaseError;
use Floodgate\Registration\FormToken;
use Floodgate\Site\LostConnection;

/** The courses' pages, answered before WordPress looks for a post. Claims come in by claim.php. */
final class Routes
{
    private const CALENDAR = '#^/register/(?<slug>[a-z0-9-]{1,64})/course\.ics$#D';
    private const ALL = '#^/register/?$#D';
    private const COURSE = '#^/register/(?<slug>[a-z0-9-]{1,64})/?$#D';

    public static function register(): void
    {
        add_action('init', self::dispatch(...), 0);
        // Before WordPress guesses which page was meant.
        add_action('template_redirect', self::toAllCourses(...), 9);
    }

    /** One address in all its spellings: /register/a%2Db/, //register/a-b/ and /Register/A-B are /register/a-b/. */
    private static function path(): string
    {
        return strtolower(LeanSite::path());
    }

    /** Who shortens a course's address looks for the courses: they are on the front page. A page of that name comes first. */
    private static function toAllCourses(): void
    {
        if (is_404() && preg_match(self::ALL, self::path()) === 1) {
            wp_safe_redirect(home_url('/'));
            exit;
        }
    }

    private static function dispatch(): void
    {
        [$typed, $path] = [LeanSite::typed(), self::path()];
        try {
            if (preg_match(self::COURSE, $path, $match) === 1) {
                self::course($match['slug'], $typed);
            }
            if (preg_match(self::CALENDAR, $path, $match) === 1) {
                self::calendar($match['slug']);
            }
        } catch (DatabaseError $error) {
            error_log("floodgate: {$path}: {$error->getMessage()}");
            LostConnection::answer();
            exit;
        }
    }

    private static function course(string $slug, string $path): void
    {
        $course = (new Courses(Database::ofWordPress()))->find($slug);
        if ($course === null || ($course->isDraft && !current_user_can(Access::CAPABILITY))) {
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
        if ($course->isDraft) {
            header('Cache-Control: private, no-store');
        }
        CoursePage::show($course, new FormToken((string) getenv('WP_SALT')));
        exit;
    }

    /** The course's date, for a calendar. */
    private static function calendar(string $slug): void
    {
        $course = (new Courses(Database::ofWordPress()))->find($slug);
        if ($course?->startsAt === null || $course->isDraft) {
            return; // as above
        }
        header('Content-Type: text/calendar; charset=UTF-8');
        header("Content-Disposition: attachment; filename=\"$slug.ics\"");
        echo Calendar::of($course);
        exit;
    }
}
