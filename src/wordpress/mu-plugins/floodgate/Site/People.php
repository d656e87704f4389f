<?php

declare(strict_types=1);

namespace Floodgate\Site;

/** Who writes here is not a stranger's business: each place that lists user names is half of a login. */
final class People
{
    public static function register(): void
    {
        add_filter('rest_pre_dispatch', self::guard(...), 10, 3);
        add_action('template_redirect', self::hideArchive(...), 1);
        add_filter('wp_sitemaps_add_provider', static fn ($provider, string $name) => $name === 'users' ? false : $provider, 10, 2);
        add_filter('oembed_response_data', static function (array $data): array {
            unset($data['author_name'], $data['author_url']);
            return $data;
        });
        add_filter('wp_login_errors', self::sayLess(...));
    }

    private static function guard(mixed $answer, \WP_REST_Server $server, \WP_REST_Request $request): mixed
    {
        if (preg_match('#^/wp/v2/users(?:/|$)#i', $request->get_route()) !== 1 || is_user_logged_in()) {
            return $answer;
        }
        return new \WP_Error('rest_user_cannot_view', __('Sorry, you are not allowed to list users.', 'floodgate'), ['status' => 401]);
    }

    /** /?author=1 would lead to an address with the login name in it. */
    private static function hideArchive(): void
    {
        if (is_author() && !is_user_logged_in()) {
            $GLOBALS['wp_query']->set_404();
            status_header(404);
        }
    }

    /** Which half was wrong, the name or the password, is for the person to know. */
    private static function sayLess(\WP_Error $errors): \WP_Error
    {
        foreach (['invalid_username', 'invalid_email', 'incorrect_password'] as $code) {
            if ($errors->get_error_message($code) !== '') {
                $errors->remove($code);
                $errors->add('floodgate_login', __('The user name or the password is not right.', 'floodgate'));
            }
        }
        return $errors;
    }
}
