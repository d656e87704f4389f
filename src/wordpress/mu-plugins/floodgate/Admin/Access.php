<?php

declare(strict_types=1);

namespace Floodgate\Admin;

/** Who may look after registration. The install step gives it to these roles once; an administrator may take it away. */
final class Access
{
    public const CAPABILITY = 'floodgate_manage';
    public const ROLES = ['administrator', 'editor'];
}
