<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** What a statement gave. */
final class Result
{
    /** @param list<array<string, string|null>> $rows as text */
    public function __construct(public readonly array $rows, public readonly int $changed)
    {
    }
}
