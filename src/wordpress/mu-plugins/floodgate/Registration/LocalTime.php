<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** Wall-clock time as people type it, `2027-03-28T02:30`, and the moment that it means in a time zone. */
final class LocalTime
{
    private const TYPED = '/^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d{1,3})?)?$/';

    /**
     * Of two moments with the same name, at the end of daylight saving time, the first is meant.
     *
     * @return int|Mistake milliseconds since 1970, or Mistake::Malformed or Mistake::Skipped
     */
    public static function toMilliseconds(string $typed, \DateTimeZone $zone): int|Mistake
    {
        if (preg_match(self::TYPED, trim($typed), $part) !== 1) {
            return Mistake::Malformed;
        }
        $wanted = "{$part[1]} {$part[2]}:" . ($part[3] ?? '00');
        // UTC has no gaps: what changes there is no date at all, such as the 31st of April.
        $inUtc = \DateTimeImmutable::createFromFormat('!Y-m-d H:i:s', $wanted, new \DateTimeZone('UTC'));
        if ($inUtc === false || $inUtc->format('Y-m-d H:i:s') !== $wanted || $inUtc->getTimestamp() < 0) {
            return Mistake::Malformed;
        }
        $moments = [];
        foreach (['-1 day', '+1 day'] as $near) {
            $offset = $zone->getOffset($inUtc->modify($near));
            $moment = $inUtc->modify(sprintf('%+d seconds', -$offset));
            if ($zone->getOffset($moment) === $offset) {
                $moments[] = $moment->getTimestamp();
            }
        }
        return $moments === [] ? Mistake::Skipped : min($moments) * 1000;
    }

    /** As an input of type datetime-local takes it. Seconds are shown only where they are not zero. */
    public static function fromMilliseconds(int $milliseconds, \DateTimeZone $zone): string
    {
        $moment = (new \DateTimeImmutable('@' . intdiv($milliseconds, 1000)))->setTimezone($zone);
        return $moment->format($moment->format('s') === '00' ? 'Y-m-d\TH:i' : 'Y-m-d\TH:i:s');
    }
}
