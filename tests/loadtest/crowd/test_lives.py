"""Lives side by side: real waits of gevent's, by a clock that tells the moments."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import gevent
import pytest
from gevent.event import Event
from greenlet import greenlet

from loadtest.crowd.lives import SPARE, Life, Scheduler


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    with gevent.Timeout(10):
        yield


def test_each_goes_on_at_its_moments_in_their_order() -> None:
    acts: list[tuple[str, float]] = []

    def life(name: str, *moments: float) -> Life:
        for moment in moments:
            yield began + moment
            acts.append((name, moment))
            assert time.monotonic() >= began + moment

    began = time.monotonic()
    Scheduler(time.monotonic).live([life("late", 0.03, 0.04), life("early", 0.01, 0.035), life("at once", -5.0)])
    assert acts == [("at once", -5.0), ("early", 0.01), ("late", 0.03), ("early", 0.035), ("late", 0.04)]


def test_who_waits_in_the_middle_of_an_act_holds_nobody_up() -> None:
    answer, done = Event(), list[str]()

    def asks(name: str) -> Life:
        yield 0.0
        answer.wait()
        done.append(name)

    def answers() -> Life:
        yield time.monotonic() + 0.01
        done.append("answer")
        answer.set()

    Scheduler(time.monotonic).live([*(asks(f"asks {number}") for number in range(3)), answers()])
    assert done == ["answer", "asks 0", "asks 1", "asks 2"]


def test_a_timeout_ends_what_one_of_them_waits_for_and_nothing_else() -> None:
    patience, done = list[str](), list[str]()

    def impatient() -> Life:
        yield 0.0
        with gevent.Timeout(0.01, exception=False):  # type: ignore[arg-type] # gevent takes False for: raise nothing
            Event().wait()
        patience.append("over")
        yield 0.0
        done.append("impatient")

    def calm() -> Life:
        yield time.monotonic() + 0.03
        done.append("calm")

    Scheduler(time.monotonic).live([impatient(), calm()])
    assert (patience, done) == (["over"], ["impatient", "calm"])


def test_nobody_lives_for_ever_where_nobody_lives() -> None:
    Scheduler(time.monotonic).live([])


def _closing(closed: list[str], name: str, act: Event | None) -> Life:
    try:
        yield 0.0
        if act:
            act.wait()
        yield time.monotonic() + 3600
    finally:
        gevent.sleep(0)  # as of a browser that waits for its helpers
        closed.append(name)


def test_a_failure_of_one_is_raised_and_all_are_closed() -> None:
    closed: list[str] = []

    def fails() -> Life:
        yield time.monotonic() + 0.01
        raise ValueError("a person's own")

    lives = [_closing(closed, "rests", None), _closing(closed, "acts", Event()), fails()]
    with pytest.raises(ValueError, match="a person's own"):
        Scheduler(time.monotonic).live(lives)
    assert sorted(closed) == ["acts", "rests"]


def test_whoever_is_killed_with_them_closes_all() -> None:
    closed: list[str] = []
    lives = [_closing(closed, f"acts {number}", Event()) for number in range(SPARE + 9)]
    lives += [_closing(closed, "rests", None)]
    crowd = gevent.spawn(Scheduler(time.monotonic).live, lives)
    gevent.sleep(0.01)
    crowd.kill()
    assert len(closed) == len(lives)


def test_who_rests_has_no_greenlet() -> None:
    def rests() -> Life:
        yield time.monotonic() + 0.01
        gevent.sleep(0.001)
        yield time.monotonic() + 3600

    before = _greenlets()
    crowd = gevent.spawn(Scheduler(time.monotonic).live, [rests() for _ in range(1000)])
    gevent.sleep(0.2)
    assert _greenlets() - before <= SPARE + 1
    crowd.kill()


def _greenlets() -> int:
    gc.collect()
    return sum(isinstance(each, greenlet) for each in gc.get_objects())
