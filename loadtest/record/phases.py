"""The phases of a storm, in seconds relative to the opening."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

NAMES: Final = ("warm-up", "before", "opening", "open", "recovery")
"""In order. Warm-up: a few regulars read. Before: people arrive and reload. Opening: the burst. Open: forms are filled
in and seats are claimed. Recovery: the crowd has left, and the regulars, who look in all the time, show whether the
site is well again."""


@dataclass(frozen=True)
class Phases:
    """The length of each phase in seconds; all are greater than 0."""

    warm_up: float
    before: float
    opening: float
    open: float
    recovery: float

    def __post_init__(self) -> None:
        for name, seconds in self.lengths().items():
            if not seconds > 0:
                raise ValueError(f"phase {name} lasts {seconds} s; a phase lasts longer than 0 s")

    def lengths(self) -> Mapping[str, float]:
        """Seconds by the phase's name, in order."""
        return dict(zip(NAMES, (self.warm_up, self.before, self.opening, self.open, self.recovery), strict=True))

    def starts(self) -> Mapping[str, float]:
        """The moment each phase starts, in seconds relative to the opening (so the first two are negative)."""
        moment = -(self.warm_up + self.before)
        starts = {}
        for name, seconds in self.lengths().items():
            starts[name] = moment
            moment += seconds
        return starts

    @property
    def start(self) -> float:
        """The storm's first moment, in seconds relative to the opening."""
        return -(self.warm_up + self.before)

    @property
    def end(self) -> float:
        """The storm's last moment, in seconds relative to the opening."""
        return self.opening + self.open + self.recovery

    def seconds(self, scope: str) -> range:
        """The whole seconds, counted from the opening, that a phase touches; those of all phases for `storm`."""
        first = self.start if scope == "storm" else self.starts()[scope]
        last = self.end if scope == "storm" else first + self.lengths()[scope]
        return range(math.floor(first), math.ceil(last))

    def at(self, moment: float) -> str:
        """The phase of a moment; what is earlier or later than the storm belongs to its first or last phase."""
        return NAMES[max(bisect_right(self._starts, moment) - 1, 0)]

    @cached_property
    def _starts(self) -> tuple[float, ...]:
        return tuple(self.starts().values())
