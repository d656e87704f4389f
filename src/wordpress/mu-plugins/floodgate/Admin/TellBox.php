<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\MailServer;
use Floodgate\Registration\Entry;

/** The box in which an organiser says whether a person gets a mail about what is done to their seat or place. */
final class TellBox
{
    private const NAME = 'tell';

    /** Who sees no box, as the site sends no mail or the person was erased, tells nobody. */
    public static function isTicked(): bool
    {
        return MailServer::isSet() && ($_POST[self::NAME] ?? '') === '1';
    }

    /** @param Entry|null $entry the line of the ledger */
    public static function show(?Entry $entry): void
    {
        if ($entry === null || $entry->isErased()) {
            return;
        }
        if (!MailServer::isSet()) {
            echo '<p>' . esc_html__('The site does not e-mail the person about it: please tell them.', 'floodgate') . '</p>';
            return;
        }
        printf(
            '<p><label><input type="checkbox" name="%s" value="1" checked> %s</label></p>',
            esc_attr(self::NAME),
            esc_html__('Tell the person by e-mail', 'floodgate')
        );
    }
}
