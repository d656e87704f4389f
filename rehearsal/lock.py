"""One rehearsal of a checkout at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Refused(
                f"another rehearsal of this checkout is running (process {holder}): wait for it, or end it with "
                f"`kill {holder}`. A second checkout (git worktree add ../second) rehearses beside this one."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
