"""Statistics of a few runs against many: an exact rank test, an estimate of the shift, Holm's correction.

The unit is the run: requests within a run share its luck, and a million of them are still one run.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from statistics import median


def slower(candidates: Sequence[float], history: Sequence[float]) -> float:
    """Return the one-sided p of the exact permutation form of the Mann-Whitney test.

    It is the share of all ways to choose as many runs of both together whose ranks sum to at least the candidates'.
    Exact with ties too (they share their mean rank).
    """
    everything = [*candidates, *history]
    if len(set(everything)) == len(everything):
        inversions = sum(ours < theirs for ours in candidates for theirs in history)
        extreme = sum(_distribution(len(candidates), len(history))[: inversions + 1])
        return extreme / math.comb(len(everything), len(candidates))
    return _slower_with_ties(candidates, everything)


def _slower_with_ties(candidates: Sequence[float], everything: Sequence[float]) -> float:
    ranks = _doubled_ranks(everything)
    observed = sum(ranks[: len(candidates)])
    # ways[k]: in how many ways k of the runs seen so far have doubled ranks of each sum. They are the coefficients of a
    # polynomial, kept as the digits of one whole number: each is less than its base, and so is the sum of all of them.
    bits = len(everything) + 1
    ways = [1, *(0 for _ in candidates)]
    for rank in ranks:
        for chosen in range(len(candidates), 0, -1):
            ways[chosen] += ways[chosen - 1] << (rank * bits)
    # The sum of digits is the rest by the base less one.
    extreme = (ways[-1] >> (observed * bits)) % ((1 << bits) - 1)
    return extreme / math.comb(len(everything), len(candidates))


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Return twice the mid-rank of each value, which is a whole number."""
    order = sorted(values)
    return [bisect_left(order, value) + bisect_right(order, value) + 1 for value in values]


def inversions_allowed(candidates: int, history: int, level: float) -> int | None:
    """Return how many pairs (candidate, earlier run) may be the wrong way round for p to stay at or below ``level``.

    None if no outcome of so few runs could.
    """
    total = math.comb(candidates + history, candidates)
    counts = _distribution(candidates, history)
    orders, allowed = 0, None
    for pairs, number in enumerate(counts):
        orders += number
        if orders / total > level:
            break
        allowed = pairs
    return allowed


@cache
def _distribution(candidates: int, history: int) -> tuple[int, ...]:
    """Count in how many of the orders of all runs so many pairs are the wrong way round.

    They are the Gaussian binomial's coefficients (Mann and Whitney 1947).
    """
    counts = [1] + [0] * (candidates * history)
    for factor in range(1, candidates + 1):
        for power in range(len(counts) - 1, history + factor - 1, -1):
            counts[power] -= counts[power - history - factor]
        for power in range(factor, len(counts)):
            counts[power] += counts[power - factor]
    return tuple(counts)


def shift(candidates: Sequence[float], history: Sequence[float]) -> float:
    """Return Hodges and Lehmann's estimate of how much larger the candidates are.

    It is the median of all pairwise differences.
    """
    return median(ours - theirs for ours in candidates for theirs in history)


def holm(ps: Sequence[float]) -> list[float]:
    """Adjust the p of each of several tests made together (Holm 1979).

    The chance of any false alarm among them then stays below the level that they are compared with.
    """
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    adjusted, largest = [0.0] * len(ps), 0.0
    for step, place in enumerate(order):
        largest = max(largest, min(1.0, ps[place] * (len(ps) - step)))
        adjusted[place] = largest
    return adjusted
