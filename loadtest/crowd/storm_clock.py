"""The storm's clock: seconds from the opening, one instant for every process."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import gevent
from gevent import Timeout

# Pairs of readings of the two clocks; the pair that lies closest together tells how far they are apart.
READINGS: Final = 5


class Abandoned(Exception):
    """Raised by the clock in the middle of a request when a person has waited long enough."""


class Clock(Protocol):
    """What a person needs of the time, in seconds."""

    def __call__(self) -> float:
        """Return now, relative to the opening."""

    def patience(self, seconds: float) -> AbstractContextManager[object]:
        """Raise Abandoned in the middle of whatever is still under way after so long."""


@dataclass(frozen=True)
class StormClock:
    """The clock of one process. ``opening`` is on its monotonic clock, which nobody sets while the storm runs."""

    opening: float

    @classmethod
    def until(cls, opening: float) -> StormClock:
        """Return the clock of an opening in epoch seconds, by the wall clock that all processes share."""
        pairs = []
        for _ in range(READINGS):
            before, wall, after = time.monotonic(), time.time(), time.monotonic()
            pairs.append((after - before, (before + after) / 2 - wall))
        return cls(opening + min(pairs)[1])

    def __call__(self) -> float:
        """Return now, relative to the opening."""
        return time.monotonic() - self.opening

    def sleep(self, seconds: float) -> None:
        """Let so much time go by."""
        gevent.sleep(seconds)

    def patience(self, seconds: float) -> Timeout:
        """Raise Abandoned in the middle of whatever is still under way after so long."""
        return Timeout(seconds, Abandoned)
