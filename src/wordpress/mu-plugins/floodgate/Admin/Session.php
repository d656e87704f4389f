<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** A session that ended while somebody typed: nothing is done, and nothing that was typed is lost. */
final class Session
{
    private const OURS = [Address::LIST, Address::FORM];

    public static function register(): void
    {
        // Before WordPress leads to the log-in, which forgets the form.
        add_filter('auth_redirect_scheme', static function (mixed $scheme): mixed {
            if (self::isForm() && !is_user_logged_in()) {
                self::hold();
            }
            return $scheme;
        });
    }

    /** Was the form made for this session? A form from before it is shown again, with all that was typed. */
    public static function made(string $nonce): bool
    {
        return wp_verify_nonce(is_string($_POST['_wpnonce'] ?? null) ? $_POST['_wpnonce'] : '', $nonce) !== false;
    }

    public static function ended(): string
    {
        return __('Your session had ended, or the form was a day old. What you typed is still here: please check it and send it again.', 'floodgate');
    }

    public static function withoutPicture(): string
    {
        return __('Only the picture must be chosen again.', 'floodgate');
    }

    private static function isForm(): bool
    {
        return ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST' && in_array($_GET['page'] ?? null, self::OURS, true);
    }

    private static function hold(): never
    {
        $inputs = '';
        foreach (self::flat(wp_unslash($_POST)) as $name => $value) {
            $inputs .= sprintf('<input type="hidden" name="%s" value="%s">', esc_attr($name), esc_attr($value));
        }
        wp_die(
            '<h1>' . esc_html__('Your session has ended', 'floodgate') . '</h1><p>'
            . esc_html__('Nothing was saved, and nothing that you typed is lost as long as this page is open.', 'floodgate')
            . (($_FILES[Pictures::FILE]['name'] ?? '') !== '' ? ' ' . esc_html(self::withoutPicture()) : '') . '</p><p>'
            . sprintf('<a href="%s" target="_blank">%s</a>', esc_url(wp_login_url()), esc_html__('Log in, in a new tab', 'floodgate')) . '</p>'
            . '<form method="post">' . $inputs . '<p><button type="submit" class="button button-large">'
            . esc_html__('I have logged in: go on with what I typed', 'floodgate') . '</button></p></form>',
            esc_html__('Your session has ended', 'floodgate'),
            ['response' => 403]
        );
    }

    /**
     * @param array<mixed> $fields
     * @return array<string, string> by the name that an input has
     */
    private static function flat(array $fields, string $within = ''): array
    {
        $flat = [];
        foreach ($fields as $name => $value) {
            $full = $within === '' ? (string) $name : "{$within}[{$name}]";
            $flat += is_array($value) ? self::flat($value, $full) : [$full => wp_check_invalid_utf8((string) $value, true)];
        }
        return $flat;
    }
}
