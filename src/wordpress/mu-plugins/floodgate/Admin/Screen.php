<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** One screen of the dashboard. */
interface Screen
{
    /** Before anything is sent: do what was submitted, and lead on or keep what must be mended. */
    public function load(): void;

    public function show(): void;
}
