"""Where levels shift: the cheapest division there is, and the places that the library found that did this before."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.history.change_points import change_points
from tests.loadtest.simulated_nights import KINDS, recorded, simulated

# The places that ruptures 1.1.10 found in these series, by `Pelt(model="l1", min_size=5, jump=1)` on logarithms in
# units of the noise between neighbours, with a penalty of 3 times the logarithm of their number.
FOUND: Final[dict[str, list[int]]] = json.loads(Path(__file__).with_name("change_points.json").read_text())
# Where another division costs the same to the last digit: ruptures took one of them, we take the other.
AS_GOOD: Final = {"creep 37"}
SEEDS: Final = 60


def series() -> dict[str, Sequence[float]]:
    return {f"{kind} {seed}": simulated(kind, seed) for kind in KINDS for seed in range(SEEDS)} | recorded()


def test_the_places_are_those_that_ruptures_found_on_recorded_and_simulated_nights() -> None:
    nights = series()
    assert nights.keys() == FOUND.keys()
    found = {}
    for name, waits in nights.items():
        logs = [math.log(wait) for wait in waits]
        noise = median(abs(after - before) for before, after in pairwise(logs)) / 0.6745 / math.sqrt(2)
        values = [log / noise for log in logs]
        found[name] = change_points(values, penalty=3 * math.log(len(values)), shortest=5)
    assert {name for name in found if found[name] != FOUND[name]} == AS_GOOD
    assert sum(bool(places) for places in FOUND.values()) > 100, "too few of these series change at all"


def cost(values: Sequence[float], places: Sequence[int], penalty: float) -> float:
    stretches = [values[start:end] for start, end in pairwise([0, *places, len(values)])]
    return sum(abs(value - median(stretch)) for stretch in stretches for value in stretch) + penalty * len(places)


def divisions(count: int, shortest: int, begin: int = 0) -> Iterator[list[int]]:
    """Yield every way to divide so many values into stretches that are long enough."""
    if count - begin >= shortest or begin == 0:
        yield []
    for place in range(begin + shortest, count - shortest + 1):
        for rest in divisions(count, shortest, place):
            yield [place, *rest]


@settings(max_examples=200)
@given(
    values=st.lists(st.integers(-30, 30).map(lambda tenths: tenths / 10), max_size=13),
    penalty=st.floats(0.1, 5),
    shortest=st.integers(1, 4),
)
def test_no_division_at_all_is_cheaper(values: list[float], penalty: float, shortest: int) -> None:
    places = change_points(values, penalty=penalty, shortest=shortest)
    assert all(end - start >= shortest for start, end in pairwise([0, *places, len(values)])) or not places
    cheapest = min(cost(values, division, penalty) for division in divisions(len(values), shortest))
    assert math.isclose(cost(values, places, penalty), cheapest, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("values", "places"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([1.0] * 9, [], id="too few for two levels"),
        pytest.param([1.0] * 20, [], id="all equal"),
        pytest.param([0.0] * 5 + [9.0] * 5, [5], id="two levels of the shortest length"),
        pytest.param([0.0] * 10 + [9.0] * 2, [], id="a level that has not lasted"),
        pytest.param([0.0] * 10 + [9.0] * 2 + [0.0] * 10, [], id="an outlier"),
        pytest.param([0.0] * 10 + [9.0] * 5 + [0.0] * 10, [10, 15], id="there and back"),
    ],
)
def test_a_level_counts_from_its_shortest_length_on(values: list[float], places: list[int]) -> None:
    assert change_points(values, penalty=5, shortest=5) == places
