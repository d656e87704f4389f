<?php

declare(strict_types=1);

namespace Floodgate\Install;

/**
 * The administrator of the secret.
 *
 * The password is set when the secret is new or was rotated, and at no other time: who changes it in the dashboard keeps
 * the change. What was last applied is kept as a fingerprint, which gives nothing away without the salt.
 */
final class Administrator
{
    private const APPLIED = 'floodgate_administrator';

    public static function bringUpToDate(Settings $settings): void
    {
        // WordPress's login form compares what was typed with slashes added before quotes, so it must be stored like that.
        $password = wp_slash($settings->adminPassword);
        $fingerprint = hash_hmac('sha256', "administrator\n{$settings->adminUser}\n{$settings->adminPassword}", $settings->secret);
        if (get_option(self::APPLIED) === $fingerprint) {
            return;
        }
        $user = get_user_by('login', $settings->adminUser);
        if ($user === false) {
            self::create($settings, $password);
        } elseif (!wp_check_password($password, $user->user_pass, $user->ID)) {
            wp_set_password($password, $user->ID);
            \floodgate_say("set the password of {$settings->adminUser} from the secret");
        }
        update_option(self::APPLIED, $fingerprint, false);
    }

    private static function create(Settings $settings, string $password): void
    {
        $id = wp_insert_user([
            'user_login' => $settings->adminUser,
            'user_pass' => $password,
            'user_email' => $settings->adminEmail,
            'role' => 'administrator',
        ]);
        if (is_wp_error($id)) {
            throw new \RuntimeException("cannot create the administrator {$settings->adminUser}: {$id->get_error_message()}");
        }
        \floodgate_say("created the administrator {$settings->adminUser}");
    }
}
