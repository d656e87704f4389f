<?php

declare(strict_types=1);

namespace Floodgate\Install;

/** Something that this run waited for did not come in time. */
final class TryAgain extends \RuntimeException
{
}
