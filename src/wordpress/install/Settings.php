<?php

declare(strict_types=1);

namespace Floodgate\Install;

/** The environment, checked. The container's entry point has seen to it that nothing is missing. */
final class Settings
{
    private function __construct(
        public readonly string $databaseHost,
        public readonly int $databasePort,
        public readonly string $databaseName,
        public readonly string $databaseUser,
        public readonly string $databasePassword,
        /** empty: nobody who could make the user above */
        public readonly string $masterUser,
        public readonly string $masterPassword,
        public readonly int $databasePatience,
        public readonly string $secret,
        public readonly string $siteUrl,
        public readonly string $siteTitle,
        public readonly ?string $timeZone,
        public readonly bool $isProduction,
        public readonly string $adminUser,
        public readonly string $adminPassword,
        public readonly string $adminEmail,
        public readonly string $courseTitle,
        public readonly int $courseSeats,
        public readonly int $courseOpensAt,
        /** as it was written, such as "+01:00" */
        public readonly string $courseOffset,
    ) {
    }

    /** @throws \InvalidArgumentException that names the variable, its value and what is allowed */
    public static function fromEnvironment(): self
    {
        $get = static fn (string $name): string => (string) getenv($name);
        return new self(
            databaseHost: $get('DB_HOST'),
            databasePort: self::number('DB_PORT', 1, 65_535),
            databaseName: self::matching('DB_NAME', '/^[A-Za-z0-9_-]{1,64}$/', 'letters, digits, _ and -'),
            databaseUser: $get('DB_USER'),
            databasePassword: $get('DB_PASSWORD'),
            masterUser: $get('DB_MASTER_USER'),
            masterPassword: $get('DB_MASTER_PASSWORD'),
            databasePatience: self::number('DB_PATIENCE', 1, 3_600, default: 120), // s; a paused Aurora takes about 30
            secret: $get('WP_SALT'),
            siteUrl: rtrim(self::matching('SITE_URL', '#^https?://[^/\s?\#]+/?$#', 'scheme://host, without a path'), '/'),
            siteTitle: $get('SITE_TITLE'),
            timeZone: self::zone('SITE_TIME_ZONE'),
            isProduction: self::matching('FLOODGATE_STAGE', '/^(dev|prod)$/', '"dev" or "prod"') === 'prod',
            adminUser: self::matching('WP_ADMIN_USER', '/^[A-Za-z0-9_.@ -]{1,60}$/', 'letters, digits, space and _ . - @'),
            adminPassword: trim($get('WP_ADMIN_PASSWORD')), // WordPress trims what is typed
            adminEmail: self::email('WP_ADMIN_EMAIL'),
            courseTitle: self::matching('COURSE_TITLE', '/^.{1,200}$/u', '1 to 200 characters'),
            courseSeats: self::number('COURSE_SEATS', 1, 1_000_000),
            courseOpensAt: self::moment('COURSE_OPENS_AT')[0],
            courseOffset: self::moment('COURSE_OPENS_AT')[1],
        );
    }

    /** The same database, as its master user. */
    public function ofMaster(): self
    {
        return new self(...['databaseUser' => $this->masterUser, 'databasePassword' => $this->masterPassword] + get_object_vars($this));
    }

    private static function matching(string $name, string $pattern, string $allowed): string
    {
        $value = (string) getenv($name);
        return preg_match($pattern, $value) === 1 ? $value : throw self::wrong($name, $value, $allowed);
    }

    private static function number(string $name, int $min, int $max, ?int $default = null): int
    {
        if ($default !== null && getenv($name) === false) {
            return $default;
        }
        $value = filter_var(getenv($name), FILTER_VALIDATE_INT, ['options' => ['min_range' => $min, 'max_range' => $max]]);
        return $value !== false ? $value : throw self::wrong($name, (string) getenv($name), "a number from $min to $max");
    }

    private static function email(string $name): string
    {
        $value = (string) getenv($name);
        return filter_var($value, FILTER_VALIDATE_EMAIL) !== false ? $value : throw self::wrong($name, $value, 'an e-mail address');
    }

    /** @return string|null IANA name; null: not said */
    private static function zone(string $name): ?string
    {
        $value = (string) getenv($name);
        return match (true) {
            $value === '' => null,
            in_array($value, \DateTimeZone::listIdentifiers(\DateTimeZone::ALL_WITH_BC), true) => $value,
            default => throw self::wrong($name, $value, 'the name of a time zone, such as Europe/Berlin'),
        };
    }

    /** @return array{int, string} milliseconds since 1970, and the offset that was written, such as "+01:00" */
    private static function moment(string $name): array
    {
        $value = self::matching(
            $name,
            '/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/',
            'a time with its offset, such as 2027-03-01T12:00:00+01:00'
        );
        try {
            $moment = new \DateTimeImmutable($value);
            return [(int) $moment->format('Uv'), $moment->format('P')];
        } catch (\DateMalformedStringException) {
            throw self::wrong($name, $value, 'a date and time that exist');
        }
    }

    private static function wrong(string $name, string $value, string $allowed): \InvalidArgumentException
    {
        return new \InvalidArgumentException("$name is \"$value\"; allowed is $allowed");
    }
}
