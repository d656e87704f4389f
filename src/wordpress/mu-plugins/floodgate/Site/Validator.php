<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * A page's entity tag: as long as a page says the same, its tag is the same, however often it is rendered.
 *
 * Weak, as what it says is: the same tag belongs to the page plain, in gzip and in Brotli, and to renderings that differ in
 * nothing but the moment that they name.
 */
final class Validator
{
    /** The moment of the rendering. Whoever keeps a page asks for the time otherwise (assets/course.js). */
    private const MOMENT = '/ data-floodgate-now="[\d.]*"/';

    /** @param string $address of the page: a tag belongs to one alone, so that it says of itself which page somebody has */
    public static function of(string $page, string $address): string
    {
        return 'W/"' . hash('xxh3', "$address\n" . preg_replace(self::MOMENT, '', $page)) . '"';
    }
}
