"""Changes over the nights: where the level of a figure has shifted for good.

The best division into stretches says where levels lie; it finds differences that nobody would call one, too, and takes
a creep for many small steps. So each level is held against the last one that was told: what differs from that by less
than ``smallest`` is no change, and small steps in one direction add up until they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from loadtest.gate.rules import Rules
from loadtest.history.change_points import change_points
from loadtest.history.summaries import Summary
from loadtest.record.histogram import RESOLUTION

# Runs that a new level must have lasted to be called one; fewer are outliers.
SHORTEST: Final = 5
# Times the logarithm of the number of runs, in units of the noise: what a change must explain. docs/history.md says
# what it gives; at 3.5 20 % is found three nights later where nights vary by 10 %.
PENALTY: Final = 3.0
# A slow-down is news for so many runs, from the first that shows it. That is not where its level begins: of a creep,
# that is long before.
NEWS: Final = 5
# Of normal noise: the mean of the smaller nine tenths of absolute differences, and the standard error of a median, in
# standard deviations.
_TRIMMED_TO_DEVIATION = 0.6573 * math.sqrt(2)
_ERROR_OF_MEDIAN = 1.2533
_SMALLEST_TIME = 1e-6


@dataclass(frozen=True)
class Change:
    """A shift of a figure's level.

    The run that it begins with, the level before (the last one that was told) and after in seconds, and how many runs
    it has lasted.
    """

    figure: str
    started_at: str
    commit: str
    before: float
    after: float
    lasted: int

    @property
    def ratio(self) -> float:
        """After by before."""
        return self.after / max(self.before, _SMALLEST_TIME)

    @property
    def sentence(self) -> str:
        """For example ``open wait p95 is 1.2 times what it was since 2026-11-12 (commit c0ffee)``."""
        since = f"since {self.started_at[:10]} (commit {self.commit:.12})"
        return f"{self.figure} is {self.ratio:.2f} times what it was {since}"


def news(now: Sequence[Change], earlier: Sequence[Change]) -> list[Change]:
    """Return the slow-downs that somebody should still look at: those not yet there ``NEWS`` runs ago (``earlier``)."""
    return [change for change in fresh(now, earlier, NEWS) if change.ratio > 1]


def fresh(now: Sequence[Change], before: Sequence[Change], runs: int) -> list[Change]:
    """Return those of the changes that were not yet there so many runs ago, whatever their direction.

    Where a level begins may move a little with each further run: that is the same change.
    """
    return [
        change
        for change in now
        if not any(
            (change.figure, change.ratio > 1) == (known.figure, known.ratio > 1)
            and abs(change.lasted - runs - known.lasted) <= SHORTEST
            for known in before
        )
    ]


def changes(runs: Sequence[Summary], rules: Rules) -> list[Change]:
    """Find all changes in runs that are comparable, oldest first. Runs without a figure are passed over for it."""
    return sorted(
        (change for figure in rules.figures for change in _changes_of(figure, runs, rules)),
        key=lambda change: change.started_at,
    )


def _changes_of(figure: str, runs: Sequence[Summary], rules: Rules) -> Iterator[Change]:
    having = [run for run in runs if figure in run.figures]
    if len(having) < 2 * SHORTEST:
        return
    logs = [math.log(max(run.figures[figure], _SMALLEST_TIME)) for run in having]
    noise = noise_of(logs)
    starts = change_points([log / noise for log in logs], penalty=PENALTY * math.log(len(logs)), shortest=SHORTEST)
    levels = [Level(start, logs[start:end]) for start, end in pairwise([0, *starts, len(logs)])]
    known = levels[0]
    for level in levels[1:]:
        if level.differs(known, noise, rules):
            run, (before, after) = having[level.start], (math.exp(each.height) for each in (known, level))
            yield Change(figure, run.started_at, run.commit, before, after, len(logs) - level.start)
            known = level


class Level:
    """A stretch of nights: where it begins, and the median of its logarithms."""

    def __init__(self, start: int, logs: Sequence[float]) -> None:
        self.start = start
        self.height = median(logs)
        self._nights = len(logs)

    def differs(self, known: Level, noise: float, rules: Rules) -> bool:
        """Return whether this level is further from another than the rules call a change, for all that is known.

        That is: by one standard error of their difference more than that, or than a figure can be off by its bucket.
        """
        error = _ERROR_OF_MEDIAN * noise * math.sqrt(1 / self._nights + 1 / known._nights)
        return abs(self.height - known.height) >= max(math.log1p(rules.smallest), 2 * RESOLUTION) + error


def noise_of(logs: Sequence[float]) -> float:
    """Return the spread of nights that are on one level, as a standard deviation, and never less than figures resolve.

    It is taken from the differences between nights next to each other, and between those with one between: few nights
    have few differences, and where the noise is taken for too little there are levels everywhere. The largest tenth is
    left out: those may be changes, or bad nights.
    """
    differences = sorted(
        abs(after - before) for apart in (1, 2) for before, after in zip(logs, logs[apart:], strict=False)
    )
    kept = differences[: math.ceil(0.9 * len(differences))]
    return max(fmean(kept) / _TRIMMED_TO_DEVIATION, RESOLUTION)
