"""Figures from samples: medians with their spread, ratios by round, rates by second, the time of a recovery."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A median, and the smallest and largest of what it was taken from."""

    median: float
    low: float
    high: float
    count: int


def spread(values: Sequence[float]) -> Spread | None:
    """Return the median and the range; None of nothing."""
    if not values:
        return None
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread | None:
    """Return ours divided by theirs, round by round, so that what slows a whole round cancels out.

    Both were measured in the same rounds; ValueError otherwise. None where nothing was measured.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} and {len(theirs)} rounds cannot be compared")
    return spread([mine / other if other else math.inf for mine, other in zip(ours, theirs, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the nearest-rank percentile; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


def per_second(moments: Sequence[float], seconds: int) -> list[int]:
    """Count how many of the moments (seconds from 0) lie in each whole second."""
    counts = [0] * seconds
    for moment in moments:
        if 0 <= moment < seconds:
            counts[int(moment)] += 1
    return counts


def rate(moments: Sequence[float], start: float, end: float) -> float:
    """Return moments per second in [start, end)."""
    return sum(start <= moment < end for moment in moments) / (end - start)


def recovery(moments: Sequence[float], dropped: float, end: float, normal: float, share: float = 0.8) -> float | None:
    """Return the seconds from the drop of the load until the rate is normal again and stays so.

    None when it never is.

    ``moments`` are those of good pages, ``normal`` their rate before. It is back when both the next two seconds and all
    the time from then to the end hold ``share`` of the normal rate: people ask at random, so a window alone scatters.
    """
    if normal <= 0:
        return None
    step, window = 0.25, 2.0
    for number in range(int((end - window - dropped) / step + 1e-9) + 1):
        start = dropped + number * step
        if min(rate(moments, start, start + window), rate(moments, start, end)) >= share * normal:
            return number * step
    return None
