<?php

declare(strict_types=1);

namespace Floodgate\Registration;

/** One connection to MySQL. Every method throws DatabaseError. */
interface Link
{
    /**
     * Statements, separated by semicolons, in one round trip. The first that fails is the last that is carried out.
     *
     * @return list<Result> one for each statement
     */
    public function run(string $sql, bool $several = false): array;

    /** A text in UTF-8 as a literal, in quotes. */
    public function quote(string $text): string;
}
