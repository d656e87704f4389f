"""Who can go on, since when, and whose turn it is.

gevent's loop hands out in one turn all that can be read: where thousands are answered at once, whoever is due meanwhile
acts a quarter of a second late, and each step of a handshake waits for a turn of its own. Here a turn is bounded, so
that timers come between; of those who can go on, whoever began first does; and with each stands the moment at which the
system was seen to have something for it, some milliseconds after it came.
"""

from __future__ import annotations

import sys
import time
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, Protocol

import gevent
from gevent.monkey import get_original
from greenlet import greenlet

# libev's, and epoll's of the same meaning.
READ: Final = 1
WRITE: Final = 2
_EVENTS: Final = {READ: 0x001, WRITE: 0x004}
_ONCE: Final = 1 << 30
# Seconds after which a turn ends, so that timers and others have the loop.
TURN: Final = 0.002
# libev's highest priority.
_FIRST: Final = 2
HAS_EPOLL: Final = sys.platform == "linux"


def _epoll() -> Any:
    return get_original("select", "epoll")()  # Locust has gevent take it away


class Act:
    """What somebody does at one go: since when, and for how many seconds what had come for it lay unread."""

    __slots__ = ("read_lag", "since")

    def __init__(self, since: float | None = None) -> None:
        self.since = time.monotonic() if since is None else since
        self.read_lag = 0.0


class Waiter(Protocol):
    """Who waits for a descriptor.

    ``act`` is what for, ``actor`` the greenlet while it waits, ``registered`` whether the system knows the descriptor.
    """

    act: Act
    actor: greenlet | None
    registered: bool


class Arrivals:
    """Those of one thread who wait, and those who can go on."""

    def __init__(self, hub: Any) -> None:
        self.hub = hub
        # The greenlets of those who can go on, and have not yet.
        self.found: set[greenlet] = set()
        self._epoll = _epoll()
        self._waiting: dict[int, Waiter] = {}
        self._numbers = count()
        self._ready: list[tuple[float, int, Waiter, float]] = []
        # Started once: whenever one epoll is put into another, the kernel walks through all that is in it
        # (findings/epoll-in-epoll-is-walked-each-time-it-is-added.sh). It keeps the loop alive while somebody waits.
        self._watcher = hub.loop.io(self._epoll.fileno(), READ)
        self._watcher.start(self._come)
        self._watcher.ref = False
        self._next_turn = hub.loop.timer(0.0)

    def wait(self, waiter: Waiter, descriptor: int, events: int) -> None:
        """Wait until one can read or write; what that was known before is added to the act's lag."""
        if waiter.registered:
            self._epoll.modify(descriptor, _EVENTS[events] | _ONCE)
        else:
            self._epoll.register(descriptor, _EVENTS[events] | _ONCE)
            waiter.registered = True
        if not self._waiting:
            self._watcher.ref = True
        self._waiting[descriptor] = waiter
        waiter.actor = actor = gevent.getcurrent()
        try:
            waiter.act.read_lag += self.hub.switch()
        except BaseException:
            self.found.discard(actor)
            if self._waiting.pop(descriptor, None) is not None and not self._waiting:
                self._watcher.ref = False
            raise
        finally:
            waiter.actor = None

    def _come(self) -> None:
        if not self._ready:  # else the next turn is set already
            self._turn()

    def _turn(self) -> None:
        """Let those go on who can, for the length of a turn. In gevent's hub."""
        ready, now = self._ready, time.monotonic()
        until = now + TURN
        self._look(now)
        try:
            while ready and now < until:
                _, _, waiter, found = heappop(ready)
                actor = waiter.actor
                if actor is not None:  # None: its wait was ended meanwhile
                    self.found.discard(actor)
                    actor.switch(now - found)
                    now = time.monotonic()
        finally:
            if ready:
                self._next_turn.start(self._turn)

    def _look(self, now: float) -> None:
        """Ask the system who can go on."""
        waiting = self._waiting
        for descriptor, _ in self._epoll.poll(0):
            waiter = waiting.pop(descriptor, None)
            if waiter is not None and waiter.actor is not None:
                heappush(self._ready, (waiter.act.since, next(self._numbers), waiter, now))
                self.found.add(waiter.actor)
        if not waiting:
            self._watcher.ref = False


class Turns:
    """The same of a system that has no epoll: turns are gevent's, and as long as it takes."""

    def __init__(self, hub: Any) -> None:
        self.hub = hub
        self.found: set[greenlet] = set()
        self._began = time.monotonic()
        self._check = hub.loop.check(ref=False, priority=_FIRST)
        self._check.start(self._begin)

    def wait(self, waiter: Waiter, descriptor: int, events: int) -> None:
        """Wait until one can read or write; what that was known before is added to the act's lag."""
        watcher = self.hub.loop.io(descriptor, events)
        try:
            self.hub.wait(watcher)
        finally:
            watcher.close()
        waiter.act.read_lag += time.monotonic() - self._began

    def _begin(self) -> None:
        self._began = time.monotonic()


_here = get_original("threading", "local")()


def arrivals() -> Arrivals | Turns:
    """Return those of this thread's loop."""
    hub = gevent.get_hub()
    known: Arrivals | Turns | None = getattr(_here, "arrivals", None)
    if known is None or known.hub is not hub:
        _here.arrivals = known = Arrivals(hub) if HAS_EPOLL else Turns(hub)
    return known
