"""The storm's clock: seconds from the opening, one instant for every process."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import gevent

from loadtest.crowd.browser.arrivals import arrivals

# Pairs of readings of the two clocks; the pair that lies closest together tells how far they are apart.
READINGS: Final = 5
# Seconds until patience that has run out looks again, where what is waited for has come and lies unread.
AGAIN: Final = 0.01


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

    def patience(self, seconds: float) -> Patience:
        """Raise Abandoned in the middle of whatever is still under way after so long."""
        return Patience(seconds)


class Patience:
    """Ends what its greenlet waits for after so many seconds, but not while what it waits for lies unread."""

    __slots__ = ("_actor", "_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._actor = gevent.getcurrent()
        self._wait(self._seconds)

    def __exit__(self, *_: object) -> None:
        self._timer.close()

    def _wait(self, seconds: float) -> None:
        self._timer: Any = gevent.get_hub().loop.timer(seconds)
        self._timer.start(self._run_out, update=True)

    def _run_out(self) -> None:
        if self._actor in arrivals().found:
            self._timer.close()
            self._wait(AGAIN)
        else:
            self._actor.throw(Abandoned)
