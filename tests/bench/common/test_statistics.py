"""Figures from samples."""

from __future__ import annotations

import math

import pytest

from bench.common.statistics import Spread, per_second, percentile, rate, ratios, recovery, spread


def test_a_spread_is_the_median_and_the_range() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)
    assert spread([]) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "median", "low", "high"),
    [
        pytest.param([2.0, 4.0, 9.0], [1.0, 4.0, 3.0], 2.0, 1.0, 3.0, id="three rounds"),
        pytest.param([1.0], [0.0], math.inf, math.inf, math.inf, id="nothing of theirs"),
    ],
)
def test_ratios_go_by_round(ours: list[float], theirs: list[float], median: float, low: float, high: float) -> None:
    assert ratios(ours, theirs) == Spread(median, low, high, len(ours))


def test_rounds_that_do_not_match_are_not_compared() -> None:
    with pytest.raises(ValueError, match="2 and 1 rounds"):
        ratios([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param([], 99, None, id="no value"),
        pytest.param([5.0], 50, 5.0, id="one value"),
        pytest.param(list(range(1, 101)), 99, 99, id="hundred values"),
        pytest.param([1.0, 2.0, 3.0], 50, 2.0, id="median of three"),
        pytest.param([1.0, 9.0], 99, 9.0, id="higher of two"),
    ],
)
def test_percentiles_are_values_that_occurred(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected


def test_moments_by_second_and_by_window() -> None:
    moments = [-0.1, 0.0, 0.9, 1.0, 2.5, 3.0]
    assert per_second(moments, 3) == [2, 1, 1]
    assert rate(moments, 0, 2) == 1.5


def steady(start: float, end: float, per: float = 10.0) -> list[float]:
    return [start + number / per for number in range(int((end - start) * per))]


@pytest.mark.parametrize(
    ("moments", "normal", "expected"),
    [
        pytest.param(steady(0, 40), 10.0, 0.0, id="never gone"),
        # From 22.75 on a window holds 8 a second.
        pytest.param(steady(0, 10) + steady(23, 40), 10.0, 2.75, id="back after a while"),
        pytest.param(steady(0, 10), 10.0, None, id="gone for good"),
        pytest.param(steady(0, 10) + steady(20, 40, per=6.0), 10.0, None, id="back at a lower rate"),
        pytest.param(steady(0, 22), 10.0, None, id="gone again before the end"),  # a last burst, then gone
        pytest.param([], 0.0, None, id="nothing at all"),  # nothing was normal: nothing to come back to
    ],
)
def test_a_recovery_is_one_that_stays(moments: list[float], normal: float, expected: float | None) -> None:
    assert recovery(moments, dropped=20, end=40, normal=normal) == expected
