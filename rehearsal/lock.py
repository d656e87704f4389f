"""One rehearsal of a checkout at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
