"""What a person sees: one line per action, live in a terminal, plain in a log."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

# Lines of a failed action's log that are printed.
_TAIL = 30

# Seconds after which a log without a terminal hears that an action still runs.
_HEARTBEAT = 60.0

_WIDTH = 46


class End(StrEnum):
    """How an action ends, as its line says it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    WAITS = "waits"
    REJECTED = "rejected"
    STOPPED = "stopped"


_MARKS = {End.SUCCEEDED: "✔", End.FAILED: "✘", End.WAITS: "…", End.REJECTED: "✘", End.STOPPED: "■"}


class Progress:
    """Prints to ``stream``; ``live`` rewrites the line of the running action each half second.

    Where it is not live, an action that still runs is told of every ``heartbeat`` seconds, with its log's last line.
    """

    def __init__(
        self, stream: TextIO | None = None, *, live: bool | None = None, heartbeat: float = _HEARTBEAT
    ) -> None:
        self.heartbeat = heartbeat
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty() if live is None else live
        self._lock = threading.Lock()
        self._shown = False

    def line(self, text: str) -> None:
        """Print a line that stays."""
        with self._lock:
            self._wipe()
            print(text, file=self._stream, flush=True)

    def action(self, name: str, log: Path, note: Callable[[End, str], None] | None = None) -> Running:
        """Begin an action; used as a context. ``note`` is told how it ends."""
        return Running(self, name, log, live=self._live, note=note)

    def live(self, text: str) -> None:
        """Show a line until the next one."""
        with self._lock:
            self._wipe()
            # A line that wraps could not be taken back.
            self._stream.write(text[: shutil.get_terminal_size().columns - 1])
            self._stream.flush()
            self._shown = True

    def _wipe(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._shown = False


class Running:
    """An action while it runs: ``say`` tells what it does, ``end`` how it ended."""

    def __init__(
        self, progress: Progress, name: str, log: Path, *, live: bool, note: Callable[[End, str], None] | None
    ) -> None:
        self.log = log
        self._note = note
        self._progress = progress
        self._name = name
        self._live = live
        self._detail = ""
        self._started = time.monotonic()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._ticker.join()
        if kind is KeyboardInterrupt:
            self._say_end(End.STOPPED, "interrupted")

    def say(self, text: str) -> None:
        """Tell what happens now: into the action's log, and behind its name while it is live."""
        self._detail = text.strip()
        with self.log.open("a") as stream:
            stream.write(f"{text.rstrip()}\n")

    def pause(self) -> None:
        """Show the line no more until the end: a person is asked."""
        self._over.set()
        self._ticker.join()

    def end(self, end: End, figure: str = "") -> None:
        """Print the action's line."""
        self._over.set()
        self._ticker.join()
        self._say_end(end, figure)

    def _say_end(self, end: End, figure: str) -> None:
        if self._note:
            self._note(end, figure)
        self._progress.line(self._text(end, figure))

    @property
    def elapsed(self) -> float:
        """Seconds since the action began."""
        return time.monotonic() - self._started

    def _text(self, end: End, figure: str) -> str:
        head = f"{_MARKS[end]} {self._name:<{_WIDTH}} {end:<9} {duration(self.elapsed):>7}"
        return f"{head}  {figure}".rstrip()

    def _tick(self) -> None:
        wait = 0.5 if self._live else self._progress.heartbeat
        while not self._over.wait(wait):
            if self._live:
                self._progress.live(f"▶ {self._name:<{_WIDTH}} {duration(self.elapsed):>17}  {self._last_words()[:60]}")
            else:
                words = f"  {self._name} is still running after {duration(self.elapsed)}  {self._last_words()[:160]}"
                self._progress.line(words.rstrip())

    def _last_words(self) -> str:
        last = tail(self.log, 1)
        return last[0].strip() if last else self._detail


def tail(log: Path, lines: int = _TAIL) -> list[str]:
    """Return the last lines of a log that are not empty; nothing where there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - 64 * 1024))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line.strip()][-lines:]


def duration(seconds: float) -> str:
    """Write a duration as ``4.2 s`` or ``3 min 05 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"
