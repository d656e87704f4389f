"""A measurement as it is made: containers, cores, wrk, people; and nothing left of it."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.common.images import build
from bench.common.lab import Cores, Failed, Lab, choose, find_cores
from bench.site import page_rates
from bench.site.variants import BY_KEY, NETWORK, Running
from containers.engine import ensure_base, find

PAGE = os.urandom(3000).hex().encode()


@pytest.mark.parametrize(
    ("available", "siblings", "expected"),
    [
        pytest.param([0, 1], {}, Cores(0, 1), id="siblings unknown"),
        pytest.param([3, 2], {2: frozenset({2, 3})}, Cores(2, 3), id="threads of one core alone"),
        pytest.param([0, 1, 2, 3], {0: frozenset({0, 1})}, Cores(0, 2), id="second thread passed over"),
        pytest.param([0, 1, 2, 3], {0: frozenset({0, 2})}, Cores(0, 1), id="neighbours on two cores"),
    ],
)
def test_two_cores_apart_where_there_are_such(
    available: list[int], siblings: dict[int, frozenset[int]], expected: Cores
) -> None:
    assert choose(available, siblings) == expected


def test_one_core_is_too_few() -> None:
    with pytest.raises(Failed, match="needs two processors"):
        choose([0], {})


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    engine = find()
    ensure_base(engine, "debian:trixie-slim")
    made = Lab(engine, find_cores(), "benchtest")
    with made.cleared():
        build(made, "load")
        build(made, "static")
        made.make("network", NETWORK)
        yield made


@pytest.fixture(scope="module")
def running(lab: Lab) -> Running:
    started = Running(lab, BY_KEY["static"], {"page.html": PAGE, "page.html.gz": gzip.compress(PAGE)})
    started.start()
    return started


def test_a_page_is_measured(running: Running) -> None:
    rate = page_rates.measure(running, gzip=True, keep_alive=True, connections=8, seconds=1, number=0)
    assert rate.errors == 0
    assert rate.answers > 100
    assert rate.rate == pytest.approx(rate.answers, rel=0.3)  # of one second
    assert 1 < rate.cpu < 10_000
    assert rate.php == 0
    assert 0 < rate.p50 <= rate.p99


def test_another_page_is_no_measurement(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = running.fetch()
    monkeypatch.setattr(running, "fetch", lambda **_: replace(whole, body=whole.body * 2))
    with pytest.raises(Failed, match="not the page that was to be measured"):
        page_rates.measure(running, gzip=False, keep_alive=False, connections=4, seconds=1, number=0)


def test_people_reach_it_and_are_told_apart(running: Running) -> None:
    happened = running.people(
        {
            **{"path": "/page.html", "good_bytes": 1000, "seconds": 2, "patience": 5, "retry": [0.1, 0.2], "seed": 1},
            "arrivals": [{"rate": 50, "start": 0, "end": 0.5}],
        }
    )
    assert happened.kind == "g" * 25
    assert len(happened.moments("g")) == len(happened.waits("g", 0, 2)) == 25


def test_what_does_not_answer_is_said(running: Running) -> None:
    with pytest.raises(Failed, match="no page at /nowhere within 1 s; the last answer: 404"):
        running.fetch("/nowhere", within=1)


def test_an_interruption_leaves_nothing(lab: Lab) -> None:
    other = Lab(find(), lab.cores, "benchinterrupt")
    lab("tag", lab.name("load"), other.name("load"))

    def interrupted() -> None:
        with other.cleared():
            other.make("volume", "content")
            other.start("asks", "load", core=None)
            assert other.exists("asks")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not other.exists("asks")
    assert other.name("content") not in lab("volume", "ls", "--quiet")
    lab("rmi", other.name("load"))
