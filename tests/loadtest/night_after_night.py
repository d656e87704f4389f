"""The trend, night after night: how often a site that stays as it is alarms, and when a slower one does.

Each night is judged by what there is then, as the nightly storm does. Figures are percentiles of the record's own
histograms, so they come in its buckets.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from loadtest.gate.rules import Rules
from loadtest.gate.verdict import Answer
from loadtest.history import trend
from loadtest.history.summaries import Summary
from loadtest.record.histogram import Histogram
from tests.loadtest.replays import LIKENESS

NIGHTS: Final = 60
# The night that a step comes with.
STEP: Final = 30
# Nights within which a step that is clear must be told: those of the shortest level, and two.
SOON: Final = trend.SHORTEST + 2
FIRST_NIGHT = datetime(2026, 1, 1, 2, tzinfo=UTC)

# The logarithm of the level of a night.
Level = Callable[[int], float]


def steady(_: int) -> float:
    """Return a level that never changes."""
    return 0.0


def creeping(night: int) -> float:
    """Return a level that is half a percent higher each night: 34 % in 60."""
    return 0.005 * night


def step(factor: float) -> Level:
    """Return a level that is so many times higher from one night on."""
    return lambda night: math.log(factor) if night >= STEP else 0.0


def in_its_bucket(seconds: float) -> float:
    """Return what a percentile says of durations that are all about this long."""
    durations = Histogram()
    for each in (seconds / 2, seconds, 2 * seconds):
        durations.add(each)
    found = durations.percentile(50)
    assert found is not None
    return found


def history(rules: Rules, level: Level, spread: float, seed: int, *, heavy: bool = False) -> list[Summary]:
    """Simulate nights whose figures are lognormal with this spread, or (``heavy``) have Student's tails, t of 3."""
    rng = random.Random(f"{seed} {spread} {heavy}")
    usual = {name: math.exp(rng.uniform(math.log(0.02), math.log(3))) for name in rules.figures}
    nights = []
    for night in range(NIGHTS):
        tail = math.sqrt(rng.gammavariate(1.5, 2) / 3) * math.sqrt(3) if heavy else 1.0
        common = rng.gauss(0, 1)
        figures = {
            name: in_its_bucket(
                seconds
                * math.exp(
                    level(night)
                    + spread * (math.sqrt(LIKENESS) * common + math.sqrt(1 - LIKENESS) * rng.gauss(0, 1)) / tail
                )
            )
            for name, seconds in usual.items()
        }
        started = (FIRST_NIGHT + timedelta(days=night)).isoformat()
        nights.append(Summary(started, f"c{night:03}", Answer.PASS, {}, figures, ""))
    return nights


def alarms(nights: Sequence[Summary], rules: Rules) -> list[int]:
    """Return the nights, counted from 1, that would fail for a change."""
    found = [trend.changes(nights[:number], rules) for number in range(len(nights) + 1)]
    return [
        number for number in range(1, len(nights) + 1) if trend.news(found[number], found[max(0, number - trend.NEWS)])
    ]


@dataclass(frozen=True)
class Case:
    """One line of the proof: how nights go, how much they vary, and what is asked for."""

    title: str
    level: Level
    spread: float
    demand: str
    holds: Callable[[Sequence[list[int]]], bool]
    heavy: bool = False

    def outcomes(self, histories: int, rules: Rules) -> list[list[int]]:
        """Return the nights of each of so many histories that would fail."""
        return [
            alarms(history(rules, self.level, self.spread, seed, heavy=self.heavy), rules) for seed in range(histories)
        ]


def cases() -> list[Case]:
    """Return the proof."""

    def quiet(outcomes: Sequence[list[int]]) -> bool:
        return not any(outcomes)

    def soon(outcomes: Sequence[list[int]]) -> bool:
        alarmed = sum(any(STEP < night <= STEP + SOON for night in nights) for nights in outcomes)
        early = sum(any(night <= STEP for night in nights) for nights in outcomes)
        return alarmed >= 0.95 * len(outcomes) and early <= 0.01 * len(outcomes)

    def found(outcomes: Sequence[list[int]]) -> bool:
        return sum(map(bool, outcomes)) >= 0.95 * len(outcomes)

    def whatever(_: Sequence[list[int]]) -> bool:
        return True

    return [
        *(
            Case(f"steady, spread {spread:.1%}", steady, spread, "0", quiet)
            for spread in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
        ),
        Case("steady, spread 5.0%, heavy tails", steady, 0.05, "0", quiet, heavy=True),
        Case("steady, spread 10.0%", steady, 0.10, "-", whatever),
        *(
            Case(f"{factor} times slower, spread {spread:.0%}", step(factor), spread, f">= 95 % in {SOON}", soon)
            for factor, spread in ((1.12, 0.01), (1.2, 0.05), (1.5, 0.10))
        ),
        Case("1.2 times slower, spread 10%", step(1.2), 0.10, "-", whatever),
        *(
            Case(f"0.5 % slower each night, spread {spread:.0%}", creeping, spread, ">= 95 %", found)
            for spread in (0.01, 0.02, 0.05)
        ),
        Case("0.5 % slower each night, spread 10%", creeping, 0.10, "-", whatever),
    ]


def line(case: Case, outcomes: Sequence[list[int]]) -> str:
    """Write a line of the table: in how many histories a night failed, and which was the first."""
    first = sorted(nights[0] for nights in outcomes if nights)
    when = f"{first[len(first) // 2]:>7}{first[int(0.95 * (len(first) - 1))]:>6}" if first else f"{'-':>7}{'-':>6}"
    return f"{case.title:<40}{len(first):>5} of {len(outcomes):<5}{when}   {case.demand}"
