<?php

declare(strict_types=1);

namespace Floodgate\Site;

/**
 * The theme of the image. It is registered where it lies rather than copied to the volume: an empty volume has a theme,
 * and a new image brings a new version of it. Themes that people install live on the volume beside it.
 */
final class BundledThemes
{
    public static function register(): void
    {
        register_theme_directory(ABSPATH . 'bundled-themes');
    }
}
