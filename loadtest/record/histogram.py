"""Histograms that merge without loss: percentiles of many processes are those of one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

RELATIVE_ERROR = 0.005
"""Half the width of a bucket relative to its middle: a percentile is at most this far from the true one.

The buckets are logarithmic with base (1 + a) / (1 - a), as in DDSketch (Masson, Rim, Lee: VLDB 2019)."""

_BASE = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_BASE = math.log(_BASE)
_SMALLEST = 1e-6
"""Values below a microsecond share one bucket."""


@dataclass
class Histogram:
    """A multiset of non-negative durations in seconds, kept as counts per logarithmic bucket."""

    buckets: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: float = 0.0
    smallest: float = math.inf
    largest: float = 0.0

    def add(self, value: float) -> None:
        """Count one value in seconds. Raises ValueError for a negative or non-finite one."""
        if not 0 <= value < math.inf:
            raise ValueError(f"a duration is a finite number of seconds >= 0, not {value}")
        index = math.ceil(math.log(value if value > _SMALLEST else _SMALLEST) / _LOG_BASE)
        self.buckets[index] = self.buckets.get(index, 0) + 1
        self.count += 1
        self.total += value
        self.smallest = min(self.smallest, value)
        self.largest = max(self.largest, value)

    def merge(self, other: Histogram) -> None:
        """Add everything the other one has counted."""
        for index, count in other.buckets.items():
            self.buckets[index] = self.buckets.get(index, 0) + count
        self.count += other.count
        self.total += other.total
        self.smallest = min(self.smallest, other.smallest)
        self.largest = max(self.largest, other.largest)

    def percentile(self, percent: float) -> float | None:
        """The value in seconds that `percent` (0..100) of the values do not exceed (nearest rank); None when empty."""
        if not self.count:
            return None
        rank = max(1, math.ceil(self.count * percent / 100))
        if rank == self.count:
            return self.largest
        seen = 0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            if seen >= rank:
                middle = 2 * _BASE**index / (_BASE + 1)
                return min(max(middle, self.smallest), self.largest)
        raise ValueError(f"the buckets hold {seen} values and not {self.count}")

    @property
    def mean(self) -> float | None:
        """The arithmetic mean in seconds; None when empty."""
        return self.total / self.count if self.count else None

    def encode(self) -> dict[str, object]:
        """The JSON form: bucket numbers as text, and exact count, total and extremes."""
        return {
            "buckets": {str(index): count for index, count in sorted(self.buckets.items())},
            "count": self.count,
            "total": self.total,
            "smallest": self.smallest if self.count else None,
            "largest": self.largest,
        }

    @classmethod
    def decode(cls, data: object) -> Histogram:
        """The histogram of a JSON form. Raises ValueError when it is not one, or its counts do not add up."""
        match data:
            case {
                "buckets": dict(buckets),
                "count": int(count),
                "total": float() | int() as total,
                "smallest": float() | int() | None as smallest,
                "largest": float() | int() as largest,
            }:
                counts = {int(index): int(number) for index, number in buckets.items()}
            case _:
                raise ValueError("not a histogram")
        if sum(counts.values()) != count or (smallest is None) != (count == 0):
            raise ValueError("a histogram whose counts do not add up")
        return cls(counts, count, float(total), math.inf if smallest is None else float(smallest), float(largest))
