<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** A picture of the media library in the sizes that it has, so that a page needs no WordPress to show it. */
final class Picture
{
    /**
     * @param int $id of the attachment
     * @param string $alt what it shows; empty: it adds nothing to the words beside it
     * @param non-empty-list<array{path: string, width: int, height: int}> $sizes narrowest first; below the site's address
     */
    public function __construct(public readonly int $id, public readonly string $alt, public readonly array $sizes)
    {
    }

    public static function fromJson(?string $json): ?self
    {
        $kept = $json === null ? null : json_decode($json, true, 5);
        return is_array($kept) && ($kept['sizes'] ?? []) !== [] ? new self((int) $kept['id'], (string) $kept['alt'], $kept['sizes']) : null;
    }

    public function toJson(): string
    {
        return json_encode(
            ['id' => $this->id, 'alt' => $this->alt, 'sizes' => $this->sizes],
            JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES
        );
    }

    /** @return array{path: string, width: int, height: int} the narrowest that has so many pixels, or else the widest */
    public function atLeast(int $width): array
    {
        foreach ($this->sizes as $size) {
            if ($size['width'] >= $width) {
                return $size;
            }
        }
        return $this->sizes[count($this->sizes) - 1];
    }
}
