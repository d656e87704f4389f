<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\Text;

/** The shortcode [floodgate_not_found]: what the theme says at an address where nothing is, above the list of courses. */
final class NotFound
{
    public static function register(): void
    {
        add_shortcode('floodgate_not_found', self::show(...));
    }

    private static function show(): string
    {
        return sprintf(
            '<h1%1$s>%2$s</h1><p class="wp-block-site-tagline"%1$s>%3$s</p>',
            Text::ownLanguage(),
            Text::html(Text::t('There is nothing at this address')),
            Text::html(Text::t('The page has moved, or it is gone. This is what there is now:'))
        );
    }
}
