<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/**
 * The address of one person's seat, signed: whoever has it may see the ticket and give the seat back, and it is in the
 * mail alone. It names the registration by its number and its moment, so that it never means another one.
 */
final class SeatLink
{
    private const PATH = '#^/floodgate/seat/(?<slug>[a-z0-9-]{1,64})/(?<place>w?)(?<id>\d{1,18})-(?<at>\d{1,18})-(?<signature>[0-9a-f]{32})/$#D';

    private readonly string $key;

    public function __construct(string $secret)
    {
        $this->key = hash_hmac('sha256', 'floodgate seat link', $secret, true);
    }

    /** @param int $claimedAt milliseconds since 1970 */
    public function path(string $slug, int $claimId, int $claimedAt): string
    {
        return "/floodgate/seat/$slug/$claimId-$claimedAt-{$this->signature($claimId, $claimedAt)}/";
    }

    /** The address of a place on a waiting list. @param int $queuedAt milliseconds since 1970 */
    public function placePath(string $slug, int $placeId, int $queuedAt): string
    {
        return "/floodgate/seat/$slug/w$placeId-$queuedAt-{$this->signature($placeId, $queuedAt, 'place ')}/";
    }

    /**
     * What a path means; null: nobody has signed it. The course's address may have changed since: it says nothing.
     *
     * @return array{id: int, at: int, isPlace: bool}|null the registration or the place, and its moment
     */
    public function read(string $path): ?array
    {
        if (preg_match(self::PATH, $path, $part) !== 1 || !hash_equals($this->signature((int) $part['id'], (int) $part['at'], $part['place'] === '' ? '' : 'place '), $part['signature'])) {
            return null;
        }
        return ['id' => (int) $part['id'], 'at' => (int) $part['at'], 'isPlace' => $part['place'] !== ''];
    }

    /** @param string $what is signed besides: a place is no registration */
    private function signature(int $id, int $at, string $what = ''): string
    {
        return substr(hash_hmac('sha256', "$what$id $at", $this->key), 0, 32);
    }
}
