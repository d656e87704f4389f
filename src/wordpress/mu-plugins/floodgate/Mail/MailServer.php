<?php

declare(strict_types=1);

namespace Floodgate\Mail;

use PHPMailer\PHPMailer\PHPMailer;
use PHPMailer\PHPMailer\SMTP;

/** Where mails are handed in, as the environment has it. Needs no WordPress. */
final class MailServer
{
    /** Seconds for each of its answers. */
    private const PATIENCE = 10;

    private function __construct(
        private readonly string $host,
        private readonly int $port,
        private readonly string $user,
        private readonly string $password,
        public readonly string $from,
        /** The set of SES that tells of what came back; empty: none. */
        private readonly string $configurationSet,
        /** Mails that it takes in a second. */
        public readonly int $perSecond,
    ) {
    }

    /** Does the site send mails? Asked by each claim. */
    public static function isSet(): bool
    {
        return (string) getenv('MAIL_FROM') !== '';
    }

    /** The container's entry point has seen to it that nothing is missing. */
    public static function fromEnvironment(): ?self
    {
        $get = static fn (string $name): string => (string) getenv($name);
        return !self::isSet() ? null : new self(
            $get('MAIL_HOST'),
            (int) $get('MAIL_PORT'),
            $get('MAIL_USER'),
            $get('MAIL_PASSWORD'),
            $get('MAIL_FROM'),
            $get('MAIL_CONFIGURATION_SET'),
            max(1, (int) $get('MAIL_PER_SECOND')),
        );
    }

    /** Let a mail go by this server, encrypted, and come from the site's address. */
    public function carry(PHPMailer $mail): void
    {
        $mail->isSMTP();
        $mail->Host = $this->host;
        $mail->Port = $this->port;
        $mail->SMTPAuth = true;
        $mail->Username = $this->user;
        $mail->Password = $this->password;
        $mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;
        $mail->Timeout = self::PATIENCE;
        $mail->Sender = $this->from;
        if ($this->configurationSet !== '') {
            $mail->addCustomHeader('X-SES-CONFIGURATION-SET', $this->configurationSet);
        }
    }

    /**
     * Greeted, encrypted, and logged in.
     *
     * @throws MailServerGone
     */
    public function connect(): SMTP
    {
        $name = (string) parse_url((string) getenv('SITE_URL'), PHP_URL_HOST);
        $line = new SMTP();
        $line->Timeout = $line->Timelimit = self::PATIENCE;
        $steps = [
            'does not answer' => fn (): bool => $line->connect($this->host, $this->port, self::PATIENCE) && $line->hello($name),
            'does not encrypt with a certificate of its name' => fn (): bool => $line->startTLS() && $line->hello($name),
            'refuses the user and password of its secret' => fn (): bool => $line->authenticate($this->user, $this->password),
        ];
        foreach ($steps as $fault => $step) {
            // PHP warns of what is said here.
            if (!@$step()) {
                $error = $line->getError();
                $line->close();
                throw new MailServerGone(rtrim("{$this->host}:{$this->port} $fault: {$error['smtp_code']} " . ($error['detail'] ?: $error['error']), ': '));
            }
        }
        return $line;
    }
}
