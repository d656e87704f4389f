"""Where the level of a series shifts: the best division into stretches, each with a level of its own."""

from __future__ import annotations

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
    costs = distances[:shortest].sum(axis=0)  # the first stretch, at each level
    starts = np.zeros(len(levels), dtype=int)
    best_costs, best_starts = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=int)
    for end in range(shortest, count + 1):
        if end > shortest:
            costs = costs + distances[end - 1]
            start = end - shortest
            anew = best_costs[start] + penalty + distances[start:end].sum(axis=0)
            better = anew < costs - tie
            costs, starts = np.where(better, anew, costs), np.where(better, start, starts)
        best_costs[end] = costs.min()
        best_starts[end] = starts[costs <= best_costs[end] + tie].min()
    places, end = [], count
    while end := int(best_starts[end]):
        places.append(end)
    return places[::-1]
