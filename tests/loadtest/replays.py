"""The comparison with history, tried many times over: how often it cries wolf, and what it finds.

``simulated`` draws runs from distributions, ``recorded`` draws them from storms that took place
(tests/loadtest/recorded). Everything is decided by the gate's own code.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from loadtest.gate import limits
from loadtest.gate.rules import Rules
from loadtest.history import summaries
from loadtest.history.regression import REACH, REACH_CONFIRMED, decide
from loadtest.request.options import DEFAULT_LIMITS

RECORDED = Path(__file__).with_name("recorded")
CANDIDATES, NIGHTS = 3, 30
ALL = 2 * CANDIDATES
RARE, FOUND = "<= 1 % for sure", ">= 95 %"
# Correlation between the figures of a run: a slow run is slow in most of them.
LIKENESS = 0.5

Run = Mapping[str, float]
# Candidates, the first ones and those that confirm a suspicion, and history.
Replay = tuple[list[Run], list[Run]]


def rules() -> Rules:
    """Return the rules that come with the gate."""
    found = limits.load(DEFAULT_LIMITS).regression
    assert found is not None
    return found


@dataclass(frozen=True)
class Outcome:
    """How many of so many replays gave an alarm."""

    alarms: int
    replays: int

    @property
    def share(self) -> float:
        """Alarms by replays."""
        return self.alarms / self.replays

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of the true share (Clopper and Pearson 1934)."""
        from scipy.stats import binomtest

        found = binomtest(self.alarms, self.replays).proportion_ci(0.95, "exact")
        return float(found.low), float(found.high)


def alarms(replays: Iterator[Replay], rules: Rules) -> Outcome:
    """Decide each replay as the gate does: the first candidates, and if they look slower, all of them."""
    decided = [
        _slower(ours[:CANDIDATES], theirs, rules, REACH) and _slower(ours, theirs, rules, REACH_CONFIRMED)
        for ours, theirs in replays
    ]
    return Outcome(sum(decided), len(decided))


def _slower(ours: Sequence[Run], theirs: Sequence[Run], rules: Rules, reach: float) -> bool:
    return any(each.slower for each in decide(ours, theirs, rules, reach=reach))


def simulated(
    replays: int,
    *,
    spread: float,
    slower: float = 1.0,
    figures: int | None = None,
    shared: bool = False,
    heavy: bool = False,
    seed: int = 1,
) -> Iterator[Replay]:
    """Yield runs whose figures are lognormal with this CV, or (``heavy``) with the tails of Student's t of 3 degrees.

    The candidates are ``slower`` times as slow in so many ``figures`` (all of them). ``shared``: the candidates have
    all their luck in common, as if they were one run; then only their labels are many.
    """
    rng, names = random.Random(seed), rules().figures
    sigma = math.sqrt(math.log1p(spread**2))
    hit = names if figures is None else names[:figures]

    def luck() -> dict[str, float]:
        common = rng.gauss(0, 1)
        draws = {name: math.sqrt(LIKENESS) * common + math.sqrt(1 - LIKENESS) * rng.gauss(0, 1) for name in names}
        # t of 3 degrees: a normal over the root of a chi-square over 3; its standard deviation is the root of 3
        scale = math.sqrt(rng.gammavariate(1.5, 2) / 3) * math.sqrt(3) if heavy else 1.0
        return {name: sigma * draw / scale for name, draw in draws.items()}

    for _ in range(replays):
        ours = [luck()] * ALL if shared else [luck() for _ in range(ALL)]
        theirs = [luck() for _ in range(NIGHTS)]
        yield (
            [{name: math.exp(run[name]) * (slower if name in hit else 1) for name in names} for run in ours],
            [{name: math.exp(value) for name, value in run.items()} for run in theirs],
        )


def recorded(replays: int, *, slower: str | None = None, seed: int = 1) -> Iterator[Replay]:
    """Yield storms that took place: 30 of the usual ones against others of them, or against those of a slower site."""
    rng = random.Random(seed)
    usual = figures_of("usual")
    others = figures_of(slower) if slower else None
    for _ in range(replays):
        drawn = rng.sample(usual, NIGHTS + ALL)
        yield (drawn[NIGHTS:] if others is None else rng.sample(others, ALL)), drawn[:NIGHTS]


def figures_of(kind: str) -> Sequence[Run]:
    """Return the figures of recorded storms: ``usual``, ``slower-1.2`` or ``slower-1.5``."""
    found = [run.figures for run in summaries.read(str(RECORDED / kind))]
    assert found, f"nothing is recorded in {RECORDED / kind}"
    return found


@dataclass(frozen=True)
class Case:
    """One line of the proof: what is replayed, and which share of alarms is asked for."""

    title: str
    replays: Callable[[int], Iterator[Replay]]
    number: int
    holds: Callable[[Outcome], bool]
    demand: str


def cases(thorough: int) -> list[Case]:
    """Return the proof; ``thorough`` is how many replays tell a rate."""

    def quiet(outcome: Outcome) -> bool:
        return outcome.alarms == 0

    def rare(outcome: Outcome) -> bool:
        return outcome.interval[1] <= rules().false_alarms

    def found(outcome: Outcome) -> bool:
        return outcome.share >= 0.95

    def told(_: Outcome) -> bool:
        return True

    alone = {"1.5 times slower": (0.10, 1.5), "1.2 times slower": (0.05, 1.2)}
    return [
        *(
            Case(f"no change, spread {spread:.0%}", partial(simulated, spread=spread, seed=2), 300, quiet, "0")
            for spread in (0.05, 0.10, 0.20)
        ),
        Case("no change, spread 10%", partial(simulated, spread=0.10), thorough, rare, RARE),
        Case("no change, heavy tails", partial(simulated, spread=0.10, heavy=True), thorough, rare, RARE),
        Case("no change, all luck shared", partial(simulated, spread=0.10, shared=True), thorough, told, "-"),
        *(
            Case(f"{title}, spread {spread:.0%}", partial(simulated, spread=spread, slower=slower), 1000, found, FOUND)
            for title, (spread, slower) in alone.items()
        ),
        *(
            Case(
                f"the same in one figure alone, spread {spread:.0%}",
                partial(simulated, spread=spread, slower=slower, figures=1),
                1000,
                told,
                "-",
            )
            for spread, slower in alone.values()
        ),
        Case("recorded storms, no change", recorded, 300, quiet, "0"),
        Case("recorded storms, no change, more replays", partial(recorded, seed=2), thorough, rare, RARE),
        Case("recorded storms, 1.5 times slower", partial(recorded, slower="slower-1.5"), 300, found, FOUND),
        Case("recorded storms, 1.2 times slower", partial(recorded, slower="slower-1.2"), 300, found, FOUND),
    ]
