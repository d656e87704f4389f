"""Who goes on when: real sockets, of which many can be read at once, and others who are busy meanwhile."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent.monkey import get_original
from greenlet import greenlet

from loadtest.crowd.browser.arrivals import READ, TURN, Act, Arrivals, Turns
from loadtest.crowd.storm_clock import Abandoned, StormClock

# Seconds: long beside a turn, and short beside a test.
BUSY = 15 * TURN
Kind = type[Arrivals] | type[Turns]


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    with gevent.Timeout(10):
        yield


class Reader:
    """Somebody who waits for a socket of its own."""

    def __init__(self, arrivals: Arrivals | Turns, since: float = 0.0) -> None:
        # The system's own: gevent's would wait by gevent's loop, where they block.
        pair: Callable[[], tuple[socket.socket, socket.socket]] = get_original("socket", "socketpair")
        self.ours, self.theirs = pair()
        self.act, self.registered = Act(since), False
        self.actor: greenlet | None = None
        self._arrivals = arrivals

    def read(self) -> bytes:
        """Wait for what comes."""
        self._arrivals.wait(self, self.ours.fileno(), READ)
        return self.ours.recv(100)

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def readers() -> Iterator[Callable[..., list[Reader]]]:
    made: list[Reader] = []

    def make(number: int, kind: Kind = Arrivals) -> list[Reader]:
        arrivals = kind(gevent.get_hub())
        made.extend(Reader(arrivals, float(place)) for place in range(number))
        return made

    yield make
    for reader in made:
        reader.close()


def _spin(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_whoever_began_first_goes_on_first(readers: Callable[..., list[Reader]]) -> None:
    order: list[float] = []

    def reads(reader: Reader) -> None:
        assert reader.read() == b"x"
        order.append(reader.act.since)

    crowd = readers(9)
    reading = [gevent.spawn(reads, reader) for reader in crowd]
    gevent.sleep(0)
    for reader in reversed(crowd):
        reader.theirs.send(b"x")
    gevent.joinall(reading, raise_error=True)
    assert order == sorted(order)


def test_whoever_is_due_acts_while_others_can_still_be_read(readers: Callable[..., list[Reader]]) -> None:
    order: list[str] = []

    def reads(reader: Reader) -> None:
        reader.read()
        _spin(TURN)
        order.append("read")

    crowd = readers(20)
    reading = [gevent.spawn(reads, reader) for reader in crowd]
    gevent.sleep(0)
    for reader in crowd:
        reader.theirs.send(b"x")
    timer = gevent.get_hub().loop.timer(2 * TURN)
    timer.start(order.append, "due", update=True)
    gevent.joinall(reading, raise_error=True)
    timer.close()
    assert 1 <= order.index("due") <= 10, order


@pytest.mark.parametrize("kind", [pytest.param(Arrivals, id="epoll"), pytest.param(Turns, id="gevent's own")])
def test_what_lies_unread_is_told_and_no_wait_for_the_other_side_is(
    kind: Kind, readers: Callable[..., list[Reader]]
) -> None:
    crowd = readers(2, kind)

    def reads(reader: Reader) -> None:
        reader.read()
        _spin(BUSY)

    reading = [gevent.spawn(reads, reader) for reader in crowd]
    gevent.sleep(BUSY)
    for reader in crowd:
        reader.theirs.send(b"x")
    gevent.joinall(reading, raise_error=True)
    first, second = sorted(reader.act.read_lag for reader in crowd)
    assert first < BUSY <= second


def test_patience_does_not_run_out_on_what_has_come(readers: Callable[..., list[Reader]]) -> None:
    """The first is busy beyond the patience of the second, whose answer has come by then."""
    busy, patient = readers(2)
    clock = StormClock(time.monotonic())

    def works() -> None:
        busy.read()
        _spin(BUSY)

    def waits() -> bytes:
        with clock.patience(BUSY / 2):
            return patient.read()

    working, waiting = gevent.spawn(works), gevent.spawn(waits)
    gevent.sleep(0)
    busy.theirs.send(b"x")
    patient.theirs.send(b"answer")
    assert waiting.get() == b"answer"
    working.get()
    # Where nothing has come it does run out, and later waits are ended by it no more.
    with pytest.raises(Abandoned), clock.patience(TURN):
        patient.read()
    gevent.sleep(2 * TURN)


def test_whose_wait_was_ended_has_no_turn(readers: Callable[..., list[Reader]]) -> None:
    busy, ended, other = readers(3)

    def works() -> None:
        busy.read()
        _spin(BUSY)
        ending.kill(Abandoned, block=False)

    ending = gevent.spawn(ended.read)
    working, reading = gevent.spawn(works), gevent.spawn(other.read)
    gevent.sleep(0)
    for reader in (busy, ended, other):
        reader.theirs.send(b"x")
    with pytest.raises(Abandoned):
        ending.get()
    assert reading.get() == b"x"
    working.get()
    assert not ended._arrivals.found
    assert ended.actor is None


def test_a_loop_that_nobody_waits_in_any_more_is_over() -> None:
    def alone() -> None:
        arrivals = Arrivals(gevent.get_hub())
        reader = Reader(arrivals)
        reader.theirs.send(b"x")
        results.append(reader.read())
        results.append(gevent.get_hub().join(timeout=5))
        reader.close()

    results: list[object] = []
    thread = get_original("threading", "Thread")(target=alone)  # a loop of its own
    thread.start()
    thread.join()
    assert results == [b"x", True]
