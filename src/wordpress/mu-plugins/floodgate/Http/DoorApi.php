<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Admin\Access;
use Floodgate\Registration\Arrivals;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

/** Ticks of a door, told by its list; several people may tick at once, each on a phone of their own. */
final class DoorApi
{
    /** Ticks in one request: what a door without a network has collected. */
    private const TICKS_MAX = 5_000;

    public static function register(): void
    {
        add_action('rest_api_init', self::routes(...));
    }

    private static function routes(): void
    {
        register_rest_route('floodgate/v1', '/door/(?P<course>\d{1,18})', [
            [
                'methods' => 'GET',
                'callback' => self::show(...),
                'permission_callback' => self::mayTick(...),
            ],
            [
                'methods' => 'POST',
                'callback' => self::mark(...),
                'permission_callback' => self::mayTick(...),
                'args' => [
                    'ticks' => [
                        'type' => 'array',
                        'required' => true,
                        'maxItems' => self::TICKS_MAX,
                        'items' => [
                            'type' => 'object',
                            'properties' => [
                                'claim' => ['type' => 'integer', 'required' => true],
                                'here' => ['type' => 'boolean', 'required' => true],
                                'at' => ['type' => 'integer', 'required' => true, 'minimum' => 0],
                            ],
                            'additionalProperties' => false,
                        ],
                    ],
                ],
            ],
        ]);
    }

    private static function mayTick(): bool
    {
        return current_user_can(Access::CAPABILITY);
    }

    private static function show(\WP_REST_Request $request): \WP_REST_Response|\WP_Error
    {
        $arrivals = self::arrivals($request);
        return $arrivals === null ? self::gone() : self::answer($arrivals, []);
    }

    private static function mark(\WP_REST_Request $request): \WP_REST_Response|\WP_Error
    {
        $arrivals = self::arrivals($request);
        if ($arrivals === null) {
            return self::gone();
        }
        $unknown = $arrivals->mark(array_map(static fn (array $tick): array => [
            'claim' => (int) $tick['claim'],
            'here' => (bool) $tick['here'],
            'at' => (int) $tick['at'],
        ], $request['ticks']));
        return self::answer($arrivals, $unknown);
    }

    private static function arrivals(\WP_REST_Request $request): ?Arrivals
    {
        $database = Database::ofWordPress();
        $course = (new Courses($database))->byId((int) $request['course']);
        return $course === null ? null : new Arrivals($database, $course);
    }

    /** @param list<int> $unknown registrations that are not there any more */
    private static function answer(Arrivals $arrivals, array $unknown): \WP_REST_Response
    {
        return new \WP_REST_Response(['here' => array_keys($arrivals->all()), 'unknown' => $unknown, 'version' => $arrivals->version()]);
    }

    private static function gone(): \WP_Error
    {
        return new \WP_Error('floodgate_no_course', 'There is no such course.', ['status' => 404]);
    }
}
