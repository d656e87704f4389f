<?php

declare(strict_types=1);

namespace Floodgate\Site;

/** Who writes here is not a stranger's business: each place that lists user names is half of a login. */
final class HiddenAccounts
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
        add_filter('author_link', static fn (string $link): string => is_user_logged_in() ? $link : home_url('/'));
        add_filter('the_author', static fn (?string $name): string => self::shown($name, $GLOBALS['authordata'] ?? null));
        add_filter('get_the_author_display_name', static fn (?string $name, mixed $id): string
            => self::shown($name, get_userdata((int) $id)), 10, 2);
        add_filter('get_comment', static function (mixed $comment): mixed {
            if ($comment instanceof \WP_Comment) {
                $comment->comment_author = self::shown($comment->comment_author, get_userdata((int) $comment->user_id));
            }
            return $comment;
        });
        add_filter('comment_class', static fn (array $classes): array
            => array_filter($classes, static fn (string $class): bool => !str_starts_with($class, 'comment-author-')));
        add_filter('wp_login_errors', self::sayLess(...));
        add_action('lost_password', self::answerAlike(...));
    }

    /** To strangers, who has chosen no name to be shown writes as the site: WordPress would show the login name. */
    private static function shown(?string $name, mixed $user): string
    {
        $isLogin = $user instanceof \WP_User && strcasecmp((string) $name, $user->user_login) === 0;
        return $isLogin && !is_user_logged_in() ? get_bloginfo('name') : (string) $name;
    }

    /** Who asks for a new password learns neither whether there is such an account nor whether its mail could be sent. */
    private static function answerAlike(mixed $errors): void
    {
        $codes = is_wp_error($errors) ? $errors->get_error_codes() : [];
        if (array_intersect($codes, ['invalid_email', 'invalidcombo', 'no_password_reset', 'retrieve_password_email_failure']) === []) {
            return;
        }
        if (in_array('retrieve_password_email_failure', $codes, true)) {
            error_log('floodgate: the link to a new password could not be sent: this site cannot send e-mail (install a plugin for it)');
        }
        // As WordPress goes on when the mail is sent.
        $next = is_string($_REQUEST['redirect_to'] ?? null) ? $_REQUEST['redirect_to'] : '';
        wp_safe_redirect($next !== '' ? $next : 'wp-login.php?checkemail=confirm');
        exit;
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
        if ($errors->get_error_message('confirm') !== '') {
            $errors->remove('confirm');
            $errors->add('confirm', __('If there is such an account, a link is on its way to its e-mail address. If none comes, ask an administrator: this site may not be able to send e-mail.', 'floodgate'), 'message');
        }
        return $errors;
    }
}
