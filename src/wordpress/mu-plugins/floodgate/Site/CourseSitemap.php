<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\Text;
use Floodgate\Registration\Course;

/** The courses in WordPress's site map, those that the list of courses has. Method names are WordPress's. */
final class CourseSitemap extends \WP_Sitemaps_Provider
{
    public static function register(): void
    {
        add_action('init', static fn () => wp_register_sitemap_provider('courses', new self()));
    }

    private function __construct()
    {
        $this->name = 'courses';
        $this->object_type = 'course';
    }

    /**
     * @param int $page_num from 1
     * @param string $object_subtype
     * @return list<array{loc: string}>
     */
    public function get_url_list($page_num, $object_subtype = ''): array
    {
        $size = wp_sitemaps_get_max_urls($this->object_type);
        return array_map(
            static fn (Course $course): array => ['loc' => Text::home($course->path())],
            array_slice(CourseList::listed(), ($page_num - 1) * $size, $size)
        );
    }

    /** @param string $object_subtype */
    public function get_max_num_pages($object_subtype = ''): int
    {
        return (int) ceil(count(CourseList::listed()) / wp_sitemaps_get_max_urls($this->object_type));
    }
}
