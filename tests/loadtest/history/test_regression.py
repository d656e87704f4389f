from __future__ import annotations

import dataclasses
import importlib
import itertools
import math
import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.gate.rules import Rules
from loadtest.history import ranks
from loadtest.history.regression import compare, decide, enough, smallest_found

RULES = Rules(("wait", "claim"))


# As a fixture: its import takes most of a second, in every process that collects tests.
@pytest.fixture(scope="module")
def stats() -> Any:
    return importlib.import_module("scipy.stats")


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.lists(st.integers(0, 9), min_size=1, max_size=7))
def test_the_p_is_the_share_of_all_orders_that_are_as_extreme(stats: Any, ours: list[int], theirs: list[int]) -> None:
    """Counted one by one, ties included."""
    everything = [*ours, *theirs]
    ranked = stats.rankdata(everything)
    observed = sum(ranked[: len(ours)])
    choices = list(itertools.combinations(range(len(everything)), len(ours)))
    extreme = sum(sum(ranked[place] for place in chosen) >= observed - 1e-9 for chosen in choices)
    assert ranks.slower(ours, theirs) == pytest.approx(extreme / len(choices))


def test_without_ties_it_is_scipys_exact_test(stats: Any) -> None:
    rng = random.Random(2)
    ours, theirs = [rng.gauss(1, 1) for _ in range(3)], [rng.gauss(0, 1) for _ in range(30)]
    exact = stats.mannwhitneyu(ours, theirs, alternative="greater", method="exact").pvalue
    assert ranks.slower(ours, theirs) == pytest.approx(exact)


@pytest.mark.parametrize(
    ("candidates", "history", "level", "allowed"),
    [
        pytest.param(1, 20, 0.01, None, id="too little history for one candidate"),  # one run can never hold 1 %
        pytest.param(1, 99, 0.01, 0, id="history long enough for one candidate"),
        pytest.param(3, 20, 0.01, 5, id="three candidates"),  # 1 + 1 + 2 + 3 + 4 + 5 of 1771 orders are 0.9 %
        pytest.param(3, 8, 0.01, 0, id="shortest history for three candidates"),
        pytest.param(3, 7, 0.005, None, id="too little history for three candidates"),
    ],
)
def test_how_many_pairs_may_be_the_wrong_way_round(
    candidates: int, history: int, level: float, allowed: int | None
) -> None:
    assert ranks.inversions_allowed(candidates, history, level) == allowed


def test_the_allowed_inversions_are_those_whose_p_holds() -> None:
    history = [float(number) for number in range(20)]
    for inversions in range(8):
        ours = [100.0, 101.0, 19.5 - inversions]
        kept = ranks.slower(ours, history) <= 0.01
        assert kept is (inversions <= (ranks.inversions_allowed(3, 20, 0.01) or 0))


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        pytest.param([0.001], [0.001], id="one figure"),
        pytest.param([0.03, 0.01, 0.02], [0.04, 0.03, 0.04], id="order kept"),
        pytest.param([0.5, 0.9], [1.0, 1.0], id="at most one"),
    ],
)
def test_holms_correction(ps: list[float], adjusted: list[float]) -> None:
    assert ranks.holm(ps) == pytest.approx(adjusted)


def runs(rng: random.Random, number: int, spread: float, **slower: float) -> list[dict[str, float]]:
    return [
        {name: slower.get(name, 1.0) * math.exp(rng.gauss(0, spread)) for name in RULES.figures} for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("slower", "spread", "found"),
    [
        pytest.param({}, 0.05, set(), id="nothing"),
        pytest.param({"wait": 1.5, "claim": 1.5}, 0.05, {"wait", "claim"}, id="all figures slower"),
        pytest.param({"claim": 1.5}, 0.05, {"claim"}, id="one figure slower"),
        pytest.param({"wait": 0.5, "claim": 0.5}, 0.05, set(), id="all figures faster"),  # faster is no alarm
        pytest.param({"wait": 1.5}, 0.3, set(), id="hidden by the spread"),  # within the nights' own spread
        pytest.param({"wait": 1.08}, 0.001, set(), id="below the smallest change"),  # certain, and too small to matter
        pytest.param({"wait": 1.12}, 0.001, {"wait"}, id="above the smallest change"),
    ],
)
def test_what_becomes_slower_is_told_from_luck(slower: dict[str, float], spread: float, found: set[str]) -> None:
    rng = random.Random(5)
    history = runs(rng, 30, spread)
    comparison = compare(runs(rng, 3, spread, **slower), history, RULES)
    assert {each.figure for each in comparison.figures if each.slower} == found
    assert len(comparison.reasons) == len(found)


def test_a_step_that_the_figures_cannot_resolve_is_no_slow_down() -> None:
    """Of nights that are all alike the spread is nothing: one bucket of a histogram would be a slow-down then."""
    rules = dataclasses.replace(RULES, smallest=0.001)

    def slower(factor: float) -> bool:
        ours, theirs = ([dict.fromkeys(RULES.figures, wait)] * number for wait, number in ((factor, 3), (1.0, 30)))
        return bool(compare(ours, theirs, rules).reasons)

    assert not slower(1.01)
    assert slower(1.04)


@pytest.mark.parametrize(
    ("history", "candidates", "spread", "sentence"),
    [
        (30, 3, 0.05, r"would have found a slow-down of 1\.[12]\d times in 95 %"),
        (30, 3, 0.5, "this could have found nothing useful"),
        (30, 1, 0.05, "1 run against 30 comparable earlier ones.*this could have found nothing useful"),
        (6, 3, 0.05, "this could have found nothing useful"),
        (0, 3, 0.05, "3 runs against 0 comparable earlier ones.*this could have found nothing useful"),
    ],
)
def test_it_says_what_it_could_have_found(history: int, candidates: int, spread: float, sentence: str) -> None:
    rng = random.Random(3)
    comparison = compare(runs(rng, candidates, spread), runs(rng, history, spread), RULES, {"other task": 4})
    assert not comparison.reasons
    assert re.search(sentence, comparison.sentence), comparison.sentence
    assert "4 left out (4: other task)" in comparison.sentence
    assert bool(comparison.figures) is enough(history, candidates, RULES)


def test_the_smallest_slow_down_it_names_is_found_and_one_much_smaller_is_not() -> None:
    rng = random.Random(4)
    history = runs(rng, 30, 0.08)
    factor = smallest_found([math.log(run["wait"]) for run in history], 3, RULES)
    assert factor is not None

    def found(slow_down: float) -> int:
        replays = (decide(runs(rng, 3, 0.08, wait=slow_down), history, RULES) for _ in range(100))
        return sum(wait.slower for wait, _ in replays)

    assert found(factor) >= 85
    assert found(math.sqrt(factor)) <= 25


@pytest.mark.parametrize(
    "false_alarms", [pytest.param(0.01, id="rare false alarms"), pytest.param(0.5, id="every second one false")]
)
@pytest.mark.parametrize(
    "candidates",
    [
        pytest.param(1, id="one candidate"),
        pytest.param(3, id="three candidates"),
        pytest.param(12, id="twice six candidates"),
        pytest.param(40, id="twice twenty candidates"),
    ],
)
def test_however_many_candidates_there_are_it_says_what_it_could_have_found(
    candidates: int, false_alarms: float
) -> None:
    """Nearly as many as earlier runs, too: 20 may be asked for, and those that look slower are stormed twice."""
    rules = dataclasses.replace(RULES, figures=("wait",), false_alarms=false_alarms)
    rng = random.Random(6)
    for history in (candidates + 2, candidates + 3, candidates + 4):
        ours, theirs = runs(rng, candidates, 0.05, wait=3), runs(rng, history, 0.05)
        comparison = compare(ours, theirs, rules)
        assert "would have found" in comparison.sentence or "could have found nothing useful" in comparison.sentence
