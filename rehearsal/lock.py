"""One rehearsal of a checkout at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from containers.file_lock import Held, file_lock, sign
from rehearsal.values.exits import Refused


@contextmanager
def locked(path: Path, *, wanted: bool = True) -> Iterator[None]:
    """Hold ``path`` as this process's lock; raise ``Refused``, naming the other process, while another one holds it.

    The kernel drops the lock with its process, so that a killed rehearsal's is taken over without a question. What
    only reads goes without (``wanted``).
    """
    if not wanted:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file_lock(path) as file:
            sign(file, os.getpid())
            yield
    except Held as held:
        raise Refused(
            f"another rehearsal of this checkout is running (process {held.holder}): wait for it, or end it with "
            f"`kill {held.holder}`. A second checkout (git worktree add ../second) rehearses beside this one."
        ) from None


def holder(path: Path) -> int | None:
    """Return the process that holds ``path``, as it signed it; None where that has ended.

    The lock itself is not tried: whoever wants it at that moment would find it taken.
    """
    try:
        process = psutil.Process(int(path.read_text()))
        # The number may be another process's by now, which has not the file open. Times do not tell the two apart: when
        # a process began moves with the clock (findings/psutil-create-time-moves-with-the-clock.sh).
        files = {each.path for each in process.open_files()}
    except psutil.AccessDenied:  # somebody else's, who is believed
        return process.pid
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process.pid if str(path.resolve()) in files else None
