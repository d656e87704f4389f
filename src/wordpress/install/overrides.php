<?php
/** WordPress's pluggable functions that an install step without a mail server replaces. Global by WordPress's rules. */

declare(strict_types=1);

/** The administrator is in the secret store; nobody needs a mail about it. */
function wp_new_blog_notification(): void
{
}
