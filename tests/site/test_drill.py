"""Two faults of the drill under a short storm each, on real containers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from containers.engine import Engine
from drill.faults import FAULTS, LATE
from drill.results import BOUNDS, Bound, load_bounds, misses
from drill.site_parts import PHP, Parts
from drill.storm import Size, drill
from tests.site.task import STORM_TOKEN, Host, Task

SIZE = Size(40, 30, {"warm-up": 1.0, "before": 2.0, "opening": 2.0, "open": 6.0, "recovery": 2.0})
# Seconds for which php-fpm is down.
DOWN = 4.0
BY_NAME = {fault.name: fault for fault in FAULTS}


class Drilled(Parts):
    """A task of these tests, as the drill sees it."""

    def __init__(self, task: Task) -> None:
        self.url, self.token, self._task = task.url, STORM_TOKEN, task

    @property
    def engine(self) -> Engine:
        return self._task.host.engine

    def container(self, name: str) -> str:
        return self._task.container(name)

    @property
    def network(self) -> str:
        return self._task.container("pause")

    @property
    def database(self) -> str:
        return self._task.host.database


@pytest.fixture(scope="module")
def drilled(host: Host) -> Iterator[Task]:
    """A task of its own on the database of all: what is done to it is no other test's."""
    made = Task(host, "drilled")
    installed = made.install()
    assert installed.code == 0, installed.log
    made.serve()
    yield made
    made.remove()


@contextmanager
def _php_down(site: Parts) -> Iterator[None]:
    """Kill it as the drill does; the test starts it again, where in a rehearsal the engine does."""
    with BY_NAME["php"].inject(site):
        yield
    site.engine("start", site.container(PHP))


def test_a_fault_keeps_what_it_may_do_and_breaks_what_it_may_not(drilled: Task, tmp_path: Path) -> None:
    fault = replace(BY_NAME["php"], inject=_php_down, hold=DOWN)
    result = drill(Drilled(drilled), fault, SIZE, tmp_path, 60.0)
    assert not result.not_injected, result.not_injected
    assert list(misses(result, Bound(errors=100, back=60))) == []
    broken = list(misses(result, Bound(errors=100, back=DOWN - 1)))
    assert any(sentence.startswith("the claim was normal again after ") for sentence in broken), broken
    assert result.waiting > 0
    assert result.stored is not None and 0 < result.confirmed <= result.stored <= SIZE.seats


def test_a_resolver_that_says_nothing_is_given_up_within_a_claims_patience(drilled: Task) -> None:
    site = Drilled(drilled)
    ask = '$began = microtime(true); gethostbyname("somewhere.test"); echo microtime(true) - $began;'
    with BY_NAME["resolver"].inject(site):
        waited = float(site.engine("exec", site.container(PHP), "php", "-r", ask))
    assert 0.9 < waited < 4, "asked, and given up: of itself the resolver's library asks for 10 s"


def test_a_volume_is_slow_as_long_as_it_is_held_up(drilled: Task) -> None:
    site = Drilled(drilled)
    read = (
        '$began = microtime(true); file_get_contents("/var/www/content/db-error.php"); echo microtime(true) - $began;'
    )

    def waited() -> float:
        return float(site.engine("exec", site.container(PHP), "php", "-r", read))

    with BY_NAME["volume-slow"].inject(site):
        assert waited() >= LATE
    assert min(waited() for _ in range(5)) < LATE


def test_dropped_packets_lose_nobody(drilled: Task, tmp_path: Path) -> None:
    bound = load_bounds(BOUNDS)["packets"]
    result = drill(Drilled(drilled), replace(BY_NAME["packets"], hold=3.0), SIZE, tmp_path, bound.back)
    assert not result.not_injected, result.not_injected
    assert list(misses(result, bound)) == []
    # Whoever was told to come back later than the storm lasts has no seat yet, and has lost none.
    assert result.stored is not None and 0 < result.confirmed <= result.stored <= SIZE.seats
