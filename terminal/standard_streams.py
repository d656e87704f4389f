"""Standard output and error whose reader may leave (``| head``): what is under way goes on, and says its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from terminal.interruption import INTERRUPTED


class Forgiving:
    """A stream of text that writes on into nowhere once it cannot be written to.

    ``failure`` says why, unless nobody reads any more, who meant it so.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failure: str | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the stream itself has."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, if there is still somebody to read it."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write out what is left, if there is still somebody to read it."""
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if not isinstance(error, BrokenPipeError):
            self.failure = error.strerror or type(error).__name__
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())  # which also takes what the stream holds back, now and at the end
        os.close(nowhere)


def forgive() -> Forgiving:
    """Let standard output and error be forgiving; return the former.

    Where one was closed before the start (``>&-``), Python has none: what is written goes nowhere.
    """
    output, errors = (Forgiving(stream or _nowhere()) for stream in (sys.stdout, sys.stderr))
    sys.stdout, sys.stderr = output, errors
    return output


def run(name: str, main: Callable[[], int], unheard: int = 1) -> int:
    """Run a command to its end, though its reader leaves; its exit code.

    That is ``unheard`` where it would be 0 and what was said could not be written, to a full disk for example, and
    ``INTERRUPTED`` where somebody ended a command that has nothing of its own to say to that.
    """
    output = forgive()
    try:
        code = main()
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        code = INTERRUPTED
    finally:
        output.flush()
    if output.failure:
        print(f"{name}: what it says could not be written: {output.failure}", file=sys.stderr)
    return code or (unheard if output.failure else 0)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w")
