"""The exit codes of every sub-command, in one place."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process tells its caller. Only 0 may promote anything.

    PASS       the storm was measured soundly, and every limit and invariant held (smoke: the site is what it should be)
    FAIL       the site failed: a limit or an invariant was broken (smoke: the site is not what it should be)
    BAD_INPUT  an option, an environment variable, the limits file or a record is wrong; nothing was started
    VOID       no judgement of the site: it could not be reached or recognised, the generator failed or was saturated,
               too little was measured, the storm was interrupted, or its evidence could not be kept
    """

    PASS = 0
    FAIL = 1
    BAD_INPUT = 2
    VOID = 3


class BadInput(Exception):
    """Something the caller wrote is wrong; the message names it and says what is allowed."""
