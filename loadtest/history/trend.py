"""Changes over the nights: where the level of a figure has shifted for good."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from loadtest.history.change_points import change_points
from loadtest.history.summaries import Summary

# Runs that a new level must have lasted to be called one; fewer are outliers.
SHORTEST: Final = 5
# Times the logarithm of the number of runs, in units of the noise: what a change must explain. With it, 60 nights
# without a change gave none in 300 of 300 simulations, of normal and of heavy-tailed noise (t with 3 degrees), and 20 %
# at a spread of 5 % was found after 7 nights in 95 %; at 2.0 one in 60 was a false alarm, at 4.0 a quarter was missed.
PENALTY: Final = 3.0
# A slow-down is news for so many runs.
RECENT: Final = 10
_MAD_TO_DEVIATION = 0.6745 * math.sqrt(2)
_SMALLEST_TIME = 1e-6


@dataclass(frozen=True)
class Change:
    """A shift of a figure's level.

    The run that it begins with, the medians before and after in seconds, and how many runs it has lasted.
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
    def is_news(self) -> bool:
        """Whether it is a slow-down that somebody should still look at."""
        return self.ratio > 1 and self.lasted <= RECENT

    @property
    def sentence(self) -> str:
        """For example ``open wait p95 is 1.2 times what it was since 2026-11-12 (commit c0ffee)``."""
        since = f"since {self.started_at[:10]} (commit {self.commit:.12})"
        return f"{self.figure} is {self.ratio:.2f} times what it was {since}"


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


def changes(runs: Sequence[Summary], figures: Sequence[str]) -> list[Change]:
    """Find all changes in runs that are comparable, oldest first. Runs without a figure are passed over for it."""
    found = []
    for figure in figures:
        having = [run for run in runs if figure in run.figures]
        values = [run.figures[figure] for run in having]
        places = [0, *_places(values), len(values)]
        for before, start, end in zip(places, places[1:], places[2:], strict=False):
            found.append(
                Change(
                    figure=figure,
                    started_at=having[start].started_at,
                    commit=having[start].commit,
                    before=median(values[before:start]),
                    after=median(values[start:end]),
                    lasted=end - start,
                )
            )
    return sorted(found, key=lambda change: change.started_at)


def _places(values: Sequence[float]) -> list[int]:
    """Return the indices at which a new level begins."""
    if len(values) < 2 * SHORTEST:
        return []
    import numpy as np  # noqa: PLC0415 - a storm does not need it, and it takes its time to import

    logs = np.log(np.maximum(values, _SMALLEST_TIME))
    noise = float(np.median(np.abs(np.diff(logs)))) / _MAD_TO_DEVIATION
    if noise == 0:
        noise = 1e-3  # most nights are equal to the digit: a thousandth is noise
    return change_points((logs / noise).tolist(), penalty=PENALTY * math.log(len(values)), shortest=SHORTEST)
