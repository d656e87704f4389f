"""Many lives side by side, of which only those who act have a greenlet.

Of thousands of people nearly all wait for their next act at any moment. A greenlet that sleeps keeps a page of Python's
stack, a copy of its C stack and a timer; who waits here is an entry in a queue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

import gevent
from gevent.event import AsyncResult
from greenlet import greenlet

# What somebody does in a storm: it gives the moments at which it wants to go on, in seconds by the scheduler's clock.
Life = Generator[float, None, None]
# Greenlets that are kept for the next act; to make one costs as much as to write a short request.
SPARE: Final = 64
# Seconds between two looks at whether those who act have ended.
CLOSING: Final = 0.001


class Scheduler:
    """Lets lives go on when they want to, each act in a greenlet that may wait in its middle."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._hub = gevent.get_hub()
        self._numbers = count()
        self._waiting: list[tuple[float, int, Life]] = []
        self._actors: set[greenlet] = set()
        self._spare: list[greenlet] = []
        self._timer: Any = None
        # The moment for which the timer is set; while those who are due are woken, none needs to be.
        self._set_for = math.inf
        self._living = 0
        self._over: AsyncResult[None] = AsyncResult()

    def live(self, lives: Iterable[Life]) -> None:
        """Return when all are over. Raise what one of them raises. However this ends, all are closed then."""
        now = self._clock()
        for life in lives:
            self._living += 1
            heappush(self._waiting, (now, next(self._numbers), life))
        try:
            if self._living:
                self._set(now)
                self._over.get()
        finally:
            self._close()

    def _set(self, moment: float) -> None:
        """Wake those who are due at a moment, unless that happens before."""
        now = self._clock()
        if moment >= self._set_for or self._set_for <= now:
            return  # it comes in this turn of the loop; set anew, it would come in the next
        if self._timer is not None:
            self._timer.close()
        self._set_for = moment
        self._timer = self._hub.loop.timer(max(0.0, moment - now))
        self._timer.start(self._wake, update=True)

    def _wake(self) -> None:
        """Let everybody act who is due. In gevent's hub: each acts until the first wait."""
        self._set_for = -math.inf
        waiting, now = self._waiting, self._clock()
        due = []
        while waiting and waiting[0][0] <= now:
            due.append(heappop(waiting)[2])
        for life in due:
            # At once. Of what is spawned, gevent runs 50 or 5 ms' worth in a turn of its loop, and all that can be read
            # besides: where many answers come, acts would be seconds late.
            actor = self._spare.pop() if self._spare else greenlet(self._act, self._hub)
            actor.switch(life)
        self._set_for = math.inf
        if waiting:
            self._set(waiting[0][0])

    def _act(self, life: Life) -> None:
        """Let one act, then another."""
        actor = gevent.getcurrent()
        self._actors.add(actor)
        try:
            while True:
                self._go_on(life)
                if len(self._spare) >= SPARE:
                    return
                self._spare.append(actor)
                life = self._hub.switch()
        finally:
            self._actors.remove(actor)

    def _go_on(self, life: Life) -> None:
        try:
            moment = next(life)
        except StopIteration:
            self._living -= 1
            if not self._living:
                self._over.set(None)
        except Exception as error:  # noqa: BLE001 - whoever waits for all of them raises it
            self._over.set_exception(error)
        else:
            heappush(self._waiting, (moment, next(self._numbers), life))
            self._set(moment)

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.close()
        self._set_for = -math.inf
        for actor in self._actors:
            self._hub.loop.run_callback(actor.throw, gevent.GreenletExit)
        while self._actors:
            gevent.sleep(CLOSING)
        for _, _, life in self._waiting:
            life.close()
        self._waiting.clear()
