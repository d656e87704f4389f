"""How a rehearsal ends: the exit codes of every command, and the errors that carry them.

====  ==========================================================================================================
code  meaning
====  ==========================================================================================================
0     done: the commit is promoted (``run``, ``approve``), or the command did what it says
1     an action failed: the pipeline stopped there, what stood before it still stands
2     bad input, or this machine lacks something: nothing was changed
3     an approval waits: ``make approve`` or ``make reject`` goes on from there
4     the approval was rejected: what it guards is untouched
5     superseded: a newer push goes in its place
130   interrupted (Ctrl-C or SIGTERM): the builds were ended, the sites stand as they did
====  ==========================================================================================================
"""

from __future__ import annotations

from pathlib import Path

DONE = 0
FAILED = 1
BAD_INPUT = 2
WAITING = 3
REJECTED = 4
SUPERSEDED = 5
INTERRUPTED = 130


class Refused(Exception):
    """Bad input, or a machine that lacks something (exit code 2); the message says what to change and where."""


class ActionFailed(Exception):
    """An action of the pipeline failed (exit code 1): ``log`` holds its output, where it has one."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log
