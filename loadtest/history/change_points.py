"""Where the level of a series shifts: the best division into stretches, each with a level of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence


def change_points(values: Sequence[float], *, penalty: float, shortest: int) -> list[int]:
    """Find the indices at which a new level begins, of the division of ``values`` that costs least.

    A division costs the absolute distance of each value from the median of its stretch, and ``penalty``, in the unit of
    the values, for each stretch after the first. No stretch has fewer than ``shortest`` values; fewer than twice that
    have no change. Of divisions that cost the same, the one whose last stretches are longest.

    The search is exact: dynamic programming over levels (the L1 form of Potts' functional: Weinmann, Storath and
    Demaret, SIAM J. Numer. Anal. 53, 2015), in O(n²) time and memory. A median can be taken from the values themselves,
    so that ``costs[level]`` of the best division whose last stretch lies at ``level`` follows from that of one value
    fewer: the last stretch goes on, or it is as short as may be and begins after the best division of what is before.
    Nothing is pruned: PELT drops a place for good that another one beats by now, and where stretches have a shortest
    length the dropped one may have been the best, because the other is too near to the end yet to begin a stretch.
    """
    import numpy as np  # noqa: PLC0415 - a storm does not need it, and it takes its time to import

    series = np.asarray(values, dtype=float)
    count = len(series)
    if count < 2 * shortest:
        return []
    levels = np.unique(series)
    tie = 1e-9 * penalty  # sums of floats that differ by less are equal: in a series that rises steadily many are
    distances = np.abs(series[:, None] - levels)
    ahead = np.vstack([np.zeros(len(levels)), distances.cumsum(axis=0)])
    # What a stretch that is as short as may be costs, by its first value; its penalty included.
    shortest_costs = ahead[shortest:] - ahead[:-shortest] + penalty
    costs = shortest_costs[0] - penalty  # the first stretch, at each level
    starts = np.zeros(len(levels), dtype=int)
    best_costs, best_starts = [math.inf] * (count + 1), [0] * (count + 1)
    lowest = np.minimum.reduce  # in two thirds of the time that the method takes
    for end in range(shortest, count + 1):
        if end > shortest:
            costs += distances[end - 1]
            start = end - shortest
            anew = shortest_costs[start] + best_costs[start]
            better = anew < costs - tie
            np.copyto(costs, anew, where=better)
            np.copyto(starts, start, where=better)
        best_costs[end] = float(lowest(costs))
        best_starts[end] = int(lowest(starts[costs <= best_costs[end] + tie]))
    places, end = [], count
    while end := best_starts[end]:
        places.append(end)
    return places[::-1]
