<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * Proof that a form came from a page of this course: about when it was rendered, signed. It names nobody and is kept
 * nowhere, so one cached page can carry it for everybody.
 */
final class FormToken
{
    /** Seconds; a page that is otherwise the same has the same token for so long, and need not be sent again to whoever has it. */
    private const STEP = 600;
    /** A day, long enough for somebody who opened the page in the morning and fills it in at night, from whenever in a step. */
    private const LIFETIME = 86_400 + self::STEP;
    private const CLOCK_SKEW = 60;

    private readonly string $key;

    public function __construct(string $secret)
    {
        $this->key = hash_hmac('sha256', 'floodgate form token', $secret, true);
    }

    /** @param int $now seconds since 1970 */
    public function issue(string $slug, int $now): string
    {
        $issued = (string) ($now - $now % self::STEP);
        return $issued . '.' . $this->signature($slug, $issued);
    }

    /** @param int $now seconds since 1970 */
    public function isValid(string $token, string $slug, int $now): bool
    {
        $issued = (int) strtok($token, '.');
        return $this->isSigned($token, $slug) && $issued <= $now + self::CLOCK_SKEW && $issued >= $now - self::LIFETIME;
    }

    /** Was it issued for this course, at any time? Such a form may ask, and take nothing. */
    public function isSigned(string $token, string $slug): bool
    {
        [$issued, $signature] = explode('.', $token, 2) + ['', ''];
        return ctype_digit($issued) && hash_equals($this->signature($slug, $issued), $signature);
    }

    private function signature(string $slug, string $issued): string
    {
        return substr(hash_hmac('sha256', "$slug $issued", $this->key), 0, 32);
    }
}
