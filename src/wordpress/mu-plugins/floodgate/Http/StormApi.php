<?php

declare(strict_types=1);

namespace Floodgate\Http;

use Floodgate\Registration\Claims;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Courses;
use Floodgate\Registration\Database;

/**
 * What a load test needs from the site under test: a fresh course, and the ledger to judge it by. Exists only where a
 * token is set, which production never has.
 */
final class StormApi
{
    private const SEATS_MAX = 1_000_000;
    private const SECONDS_MAX = 86_400;

    private function __construct(private readonly string $token)
    {
    }

    public static function register(string $token): void
    {
        $api = new self($token);
        add_action('rest_api_init', $api->routes(...));
    }

    private function routes(): void
    {
        register_rest_route('floodgate/v1', '/storms', [
            'methods' => 'POST',
            'callback' => $this->createStorm(...),
            'permission_callback' => $this->authorize(...),
            'args' => [
                'seats' => ['type' => 'integer', 'required' => true, 'minimum' => 1, 'maximum' => self::SEATS_MAX],
                'opens_in' => ['type' => 'number', 'required' => true, 'minimum' => 0, 'maximum' => self::SECONDS_MAX],
            ],
        ]);
        register_rest_route('floodgate/v1', '/ledger/(?P<slug>[a-z0-9-]{1,64})', [
            'methods' => 'GET',
            'callback' => $this->showLedger(...),
            'permission_callback' => $this->authorize(...),
        ]);
    }

    private function authorize(\WP_REST_Request $request): bool|\WP_Error
    {
        return hash_equals('Bearer ' . $this->token, (string) $request->get_header('authorization'))
            ?: new \WP_Error('floodgate_unauthorized', 'A valid bearer token is needed.', ['status' => 401]);
    }

    private function createStorm(\WP_REST_Request $request): \WP_REST_Response
    {
        $course = (new Courses(Database::ofWordPress()))->createForStorm(
            (int) $request['seats'],
            (int) round((float) $request['opens_in'] * 1000),
        );
        return $this->respond(201, [
            'course' => $course->slug,
            'path' => $course->path(),
            'opens_at' => $course->opensAt / 1000,
            'now' => $course->now / 1000,
            'seats' => $course->seats,
        ]);
    }

    private function showLedger(\WP_REST_Request $request): \WP_REST_Response|\WP_Error
    {
        $database = Database::ofWordPress();
        $course = (new Courses($database))->find((string) $request['slug']);
        if (!$course instanceof Course) {
            return new \WP_Error('floodgate_no_course', 'There is no such course.', ['status' => 404]);
        }
        $claims = (new Claims($database))->ledger($course);
        return $this->respond(200, [
            'course' => $course->slug,
            'seats' => $course->seats,
            'sold' => count($claims),
            'taken' => $course->taken,
            'claims' => array_map(
                static fn (array $claim): array => [
                    'code' => ConfirmationCode::grouped($claim['code']),
                    'email' => $claim['email'],
                    'claimed_at' => $claim['claimed_at'] / 1000,
                ],
                $claims
            ),
        ]);
    }

    /** @param array<string, mixed> $body */
    private function respond(int $status, array $body): \WP_REST_Response
    {
        return new \WP_REST_Response($body, $status, ['Cache-Control' => 'no-store']);
    }
}
