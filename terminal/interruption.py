"""Ctrl-C while a command's modules are still being imported, which takes up to some seconds.

What is imported here is not guarded itself: little, and nothing that Python has not read by then for the most part.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# The exit code of a command that somebody ended by Ctrl-C, as shells have it.
INTERRUPTED = 130


@contextmanager
def importing(name: str, module: str) -> Iterator[None]:
    """Let Ctrl-C end the command ``name`` with a line, not a word of where that was; where it is none, change nothing.

    ``module`` is the ``__name__`` of what imports. What is ignored, as in a shell's background, stays ignored.
    """

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        with suppress(OSError):
            os.write(2, f"{name}: interrupted\n".encode())
        # An exception might be caught by a module that does without another.
        os._exit(INTERRUPTED)

    hears = module == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if hears:
        signal.signal(signal.SIGINT, end)
    yield
    if hears:
        signal.signal(signal.SIGINT, signal.default_int_handler)
