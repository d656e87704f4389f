"""Work of a second process, beside this one: what it finds comes back in a file."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import IO

from loadtest.record.exit_codes import BadInput

# Writes what was found into a file; may raise BadInput.
Work = Callable[[IO[bytes]], None]
# How the second process ends where its work is refused.
_REFUSED = 2


def is_room() -> bool:
    """Return whether there is a processor for a second process, and a system that forks one safely."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


class Beside:
    """A process that works until it is joined, or left."""

    def __init__(self, work: Work) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process is left
        self._process = multiprocessing.get_context("fork").Process(target=_run, args=(work, self._file))

    def __enter__(self) -> Beside:
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._file.close()

    def join(self) -> IO[bytes]:
        """Wait, and return the file of what was found. Raise BadInput, as the work has."""
        self._process.join()
        self._file.seek(0)
        if self._process.exitcode == _REFUSED:
            raise BadInput(self._file.read().decode())
        if self._process.exitcode:
            raise BadInput(f"the second of two processes ended with {self._process.exitcode}: is there memory enough?")
        return self._file


def _run(work: Work, file: IO[bytes]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends it
    try:
        work(file)
        file.flush()
    except BadInput as error:
        file.seek(0)
        file.truncate()
        file.write(str(error).encode())
        file.flush()
        sys.exit(_REFUSED)
