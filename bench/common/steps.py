"""What a person sees while it runs: a line for each measurement, with the time since the start."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints to standard output, each line at once."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """Print one line."""
        minutes, seconds = divmod(int(self.seconds), 60)
        print(f"[{minutes:2d}:{seconds:02d}] {text}", flush=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Print a line when something begins that takes a while, and how long it took where somebody watches."""
        began = time.monotonic()
        self.say(f"{text} …")
        yield
        if sys.stdout.isatty():
            self.say(f"{text}: {time.monotonic() - began:.1f} s")
