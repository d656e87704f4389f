<?php

declare(strict_types=1);

namespace Floodgate\Site;

use Floodgate\Http\LinkPreview;
use Floodgate\Http\Text;

/** What a link to the front page shows elsewhere. A plugin that does so for all pages switches it off: filter `floodgate_link_preview`. */
final class FrontPagePreview
{
    public static function register(): void
    {
        add_action('wp_head', static function (): void {
            if (is_front_page() && !is_paged() && apply_filters('floodgate_link_preview', true)) {
                echo LinkPreview::tags(Text::siteName(), Text::home('/'), html_entity_decode(get_bloginfo('description'), ENT_QUOTES | ENT_HTML5), null);
            }
        }, 5);
    }
}
