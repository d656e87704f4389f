"""Locks on files that die with the process that holds them, also with one that was killed.

The kernel drops such a lock when the last process that has the open file is gone. So a child that inherits the file
holds the lock for as long as it lives, whatever becomes of its parent: filelock, the library for this, closes its file
in every child, and its shared locks keep a database beside the file.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Held(Exception):
    """Another process holds the lock; ``holder`` is the number that it signed with, or ``unknown``."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is held by process {holder}")
        self.holder = holder


@contextmanager
def file_lock(path: Path, *, wait: bool = False) -> Iterator[IO[str]]:
    """Hold ``path``, which is created where it is missing, exclusively; the open file is empty.

    Where another process holds it: ``wait`` for it, else raise ``Held``. At the end the file is closed, not unlocked: a
    child that was given its descriptor (``pass_fds``) goes on holding it.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise Held(path, file.read().strip() or "unknown") from None
        file.truncate(0)
        yield file


def sign(file: IO[str], process: int) -> None:
    """Name the process that holds the lock, for those who want it meanwhile.

    On a full disk the lock holds without a name: ``make down``, which makes room, takes it as well.
    """
    file.truncate(0)
    try:
        os.write(file.fileno(), str(process).encode())
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise


def is_held(path: Path) -> bool:
    """Return whether a process holds ``path`` now. Those who look at the same moment do not see each other."""
    try:
        file = path.open()
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
