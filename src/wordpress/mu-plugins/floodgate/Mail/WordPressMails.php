<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use PHPMailer\PHPMailer\PHPMailer;

/** WordPress's own mails, such as a new password, take the site's way. Without one they fail, as there is no sendmail. */
final class WordPressMails
{
    public static function register(MailServer $server): void
    {
        add_action('phpmailer_init', static fn (PHPMailer $mail) => $server->carry($mail));
        add_filter('wp_mail_from', static fn (): string => $server->from);
        // WordPress would sign as "WordPress".
        add_filter('wp_mail_from_name', static fn (string $name): string => $name === 'WordPress' ? (string) get_bloginfo('name') : $name);
    }
}
