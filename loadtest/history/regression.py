"""Whether this commit is slower than the nights before: a few runs of it against the history of comparable runs.

A figure has become slower when both hold:

1. the exact rank test says so, at ``false_alarms`` for all figures together (Holm), whatever the figures' distribution;
2. the estimated slow-down exceeds the floor: ``smallest``, and ``REACH`` times the spread of the history, which is
   never taken for less than a figure can resolve.

The first keeps the promised rate if candidates differ from earlier runs by nothing but the luck of each run. The second
is for candidates that share their luck, having run one after the other in the same hour: then they are hardly more than
one run, and only what lies outside the nights' own spread is news.

What looks slower is stormed as many times again, and all storms together decide. A few unlucky ones do not come twice,
and a slow site stays slow. ``make prove-gate`` measures all this.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Final

from loadtest.gate.rules import Rules
from loadtest.history import ranks
from loadtest.record.histogram import RESOLUTION

# Standard deviations (of the logarithm, between earlier runs) that a slow-down must exceed. At 3, candidates that
# share all their luck alarm in about 1 %, and 20 % is still found in 95 % at a spread of 5 %: see docs/history.md.
REACH: Final = 3.0
# The same for twice as many candidates that confirm a suspicion: their estimate is surer, and the first hurdle is
# behind them.
REACH_CONFIRMED: Final = 2.5
# The share of replays in which the smallest slow-down that can be found is found.
POWER: Final = 0.95
REPLAYS: Final = 1000
# A comparison that could not even have found a doubling is of no use, and says so.
USEFUL: Final = 2.0
_SMALLEST_TIME = 1e-6
_Z95 = 1.96

# The figures of one run, by name, in seconds.
Figures = Mapping[str, float]


@dataclass
class Compared:
    """One figure of the candidates against the history.

    Times in seconds; ``ratio``, ``floor`` and ``smallest`` as factors (1.2 is 20 % slower); ``spread`` is the standard
    deviation of the logarithm between earlier runs, about the CV; ``low`` and ``high`` are the ends of the spread of
    the nights, at 95 %.
    """

    figure: str
    candidates: list[float]
    usual: float
    spread: float
    ratio: float
    p: float
    adjusted: float
    floor: float
    smallest: float | None
    slower: bool

    @property
    def band(self) -> tuple[float, float]:
        """Where 95 % of the nights lie, in seconds."""
        return self.usual * math.exp(-_Z95 * self.spread), self.usual * math.exp(_Z95 * self.spread)


@dataclass
class Comparison:
    """The outcome: how many earlier runs were used, why others were not, and each figure. No figures: no comparison."""

    candidates: int
    used: int
    left_out: dict[str, int] = field(default_factory=dict)
    figures: list[Compared] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """A sentence for each figure that has become slower."""
        return [
            f"{each.figure} has become slower: {each.ratio:.2f} times the usual of {self.used} comparable runs "
            f"(p {each.adjusted:.2g} of {self.candidates} runs, more than {each.floor:.2f} times counts)"
            for each in self.figures
            if each.slower
        ]

    @property
    def sentence(self) -> str:
        """What was compared with what, and what it could have found."""
        left_out = sum(self.left_out.values())
        others = f"; {left_out} left out ({_listed(self.left_out)})" if left_out else ""
        runs = "1 run" if self.candidates == 1 else f"{self.candidates} runs"
        with_what = f"{runs} against {self.used} comparable earlier ones{others}"
        found = [each.smallest for each in self.figures]
        known = [factor for factor in found if factor is not None]
        if not known or min(known) > USEFUL:
            return f"{with_what}: this could have found nothing useful"
        blind = " (and no slow-down of some figures)" if len(known) < len(found) else ""
        return f"{with_what}: would have found a slow-down of {max(known):.2f} times in 95 %{blind}"


def enough(history: int, candidates: int, rules: Rules) -> bool:
    """Return whether so many runs can give an alarm at all.

    If not, running more than one candidate is a waste of time.
    """
    level = rules.false_alarms / len(rules.figures)
    return history >= 3 and ranks.inversions_allowed(candidates, history, level) is not None


def compare(
    candidates: Sequence[Figures],
    history: Sequence[Figures],
    rules: Rules,
    left_out: Mapping[str, int] | None = None,
    *,
    reach: float = REACH,
) -> Comparison:
    """Compare the runs of one commit with earlier ones, all comparable and having all figures of the rules."""
    found = Comparison(len(candidates), len(history), dict(left_out or {}))
    if not candidates or not enough(len(history), len(candidates), rules):
        return found
    found.figures = decide(candidates, history, rules, reach=reach)
    for each in found.figures:
        each.smallest = smallest_found(_logs(run[each.figure] for run in history), len(candidates), rules, reach=reach)
    return found


def decide(
    candidates: Sequence[Figures], history: Sequence[Figures], rules: Rules, *, reach: float = REACH
) -> list[Compared]:
    """Make the test alone, for each figure; not what it could have found."""
    figures = [
        _one(name, [run[name] for run in candidates], [run[name] for run in history], rules, reach)
        for name in rules.figures
    ]
    for each, adjusted in zip(figures, ranks.holm([each.p for each in figures]), strict=True):
        each.adjusted = adjusted
        each.slower = adjusted <= rules.false_alarms and each.ratio >= each.floor
    return figures


def _one(name: str, candidates: list[float], history: list[float], rules: Rules, reach: float) -> Compared:
    ours, theirs = _logs(candidates), _logs(history)
    spread = _deviation(theirs)
    return Compared(
        figure=name,
        candidates=candidates,
        usual=median(history),
        spread=spread,
        ratio=math.exp(ranks.shift(ours, theirs)),
        p=ranks.slower(ours, theirs),
        adjusted=1.0,
        floor=math.exp(_floor(spread, rules, reach)),
        smallest=None,
        slower=False,
    )


def smallest_found(history: Sequence[float], candidates: int, rules: Rules, *, reach: float = REACH) -> float | None:
    """Return the slow-down (a factor) that would have been found in 95 % of replays of this history against itself.

    As many of its runs as there are candidates play them, slowed down; None if none could have been.

    ``history`` in logarithms. In each replay, the slow-down at which the alarm sets in follows exactly: enough pairs
    must come the right way round, and the estimate must reach the floor. A replay's history is shorter by those that
    play: of its fewer pairs the same share may be the wrong way round.
    """
    allowed = ranks.inversions_allowed(candidates, len(history), rules.false_alarms / len(rules.figures))
    if allowed is None or len(history) - candidates < 3:
        return None
    wrong = allowed * (len(history) - candidates) // len(history)
    needed = []
    for chosen in _replays(len(history), candidates):
        ours = [history[place] for place in chosen]
        theirs = [value for place, value in enumerate(history) if place not in chosen]
        behind = sorted((b - a for a in ours for b in theirs), reverse=True)
        # The estimate of the shift is the median of all differences, which are here the other way round.
        needed.append(max(behind[wrong], _floor(_deviation(theirs), rules, reach) + median(behind)))
    needed.sort()
    return math.exp(max(0.0, needed[math.ceil(POWER * len(needed)) - 1]))


def _replays(runs: int, candidates: int) -> Iterable[frozenset[int]]:
    if math.comb(runs, candidates) <= REPLAYS:
        return (frozenset(chosen) for chosen in itertools.combinations(range(runs), candidates))
    rng = random.Random(runs)  # noqa: S311 - the same replays for the same history, not a secret
    return (frozenset(rng.sample(range(runs), candidates)) for _ in range(REPLAYS))


def _floor(spread: float, rules: Rules, reach: float) -> float:
    """Return the floor, in logarithms."""
    return max(math.log1p(rules.smallest), reach * max(spread, RESOLUTION))


def _deviation(logs: Sequence[float]) -> float:
    """Return the standard deviation, in floats: a thousand replays ask for it, and exact fractions take their time."""
    mean = fmean(logs)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in logs) / (len(logs) - 1))


def _logs(values: Iterable[float]) -> list[float]:
    return [math.log(max(value, _SMALLEST_TIME)) for value in values]


def _listed(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{number}: {why}" for why, number in Counter(left_out).most_common())
