"""Histograms that merge without loss: percentiles of many processes are those of one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt

from loadtest.record.codec import whole
from loadtest.record.dictionaries import IN_ORDER, WholeNumber

# Half the width of a bucket relative to its middle: a percentile is at most this far from the true one.
#
# The buckets are logarithmic with base (1 + a) / (1 - a), as in DDSketch (Masson, Rim, Lee: VLDB 2019).
RELATIVE_ERROR: Final = 0.005

_BASE = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_BASE = math.log(_BASE)
# The width of a bucket, as a difference of logarithms (1 %): a percentile that has moved by less may read the same, or
# as one bucket more or less. No spread of percentiles says anything that is finer.
RESOLUTION: Final = _LOG_BASE
# Values below a microsecond share one bucket.
_SMALLEST = 1e-6


@whole
@dataclass
class Histogram:
    """A multiset of non-negative durations in seconds: bucket n counts values up to b^n s, b = 1.005 / 0.995.

    ``smallest`` is None when it is empty.
    """

    buckets: Annotated[dict[WholeNumber, PositiveInt], IN_ORDER] = field(default_factory=dict)
    count: NonNegativeInt = 0
    total: NonNegativeFloat = 0.0
    smallest: float | None = None
    largest: NonNegativeFloat = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError when counts do not add up."""
        if sum(self.buckets.values()) != self.count or (self.smallest is None) != (self.count == 0):
            raise ValueError("a histogram whose counts do not add up")

    def add(self, value: float) -> None:
        """Count one value in seconds. Raise ValueError for a negative or non-finite one."""
        self.add_all((value,))

    def add_all(self, values: Sequence[float]) -> None:
        """Count values in seconds, as ``add`` does one by one."""
        if not values:
            return
        buckets, ceil, log = self.buckets, math.ceil, math.log
        for value in values:
            if not 0 <= value < math.inf:
                raise ValueError(f"a duration is a finite number of seconds >= 0, not {value}")
            index = ceil(log(value if value > _SMALLEST else _SMALLEST) / _LOG_BASE)
            buckets[index] = buckets.get(index, 0) + 1
            self.total += value
        self.count += len(values)
        smallest, largest = min(values), max(values)
        if self.smallest is None or smallest < self.smallest:
            self.smallest = smallest
        self.largest = max(self.largest, largest)

    def values(self) -> Iterator[tuple[float, int]]:
        """Yield the middle of each bucket (seconds), the smallest first, and how many values it holds."""
        for index in sorted(self.buckets):
            middle = 2 * _BASE**index / (_BASE + 1)
            yield min(max(middle, self.smallest or 0.0), self.largest), self.buckets[index]

    def merge(self, other: Histogram) -> None:
        """Add everything the other one has counted."""
        for index, count in other.buckets.items():
            self.buckets[index] = self.buckets.get(index, 0) + count
        self.count += other.count
        self.total += other.total
        smallest = [each for each in (self.smallest, other.smallest) if each is not None]
        self.smallest = min(smallest, default=None)
        self.largest = max(self.largest, other.largest)

    def percentile(self, percent: float) -> float | None:
        """Return the value in seconds that ``percent`` (0..100) of the values do not exceed (nearest rank).

        None when empty.
        """
        if not self.count:
            return None
        rank = max(1, math.ceil(self.count * percent / 100))
        if rank == self.count:
            return self.largest
        below = 0
        for value, count in self.values():
            below += count
            if below >= rank:
                return value
        raise ValueError(f"the buckets hold {below} values and not {self.count}")

    @property
    def mean(self) -> float | None:
        """The arithmetic mean in seconds; None when empty."""
        return self.total / self.count if self.count else None
