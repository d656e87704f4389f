"""The phases of a storm, in seconds relative to the opening."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

WARM_UP: Final = "warm-up"
BEFORE: Final = "before"
OPENING: Final = "opening"
OPEN: Final = "open"
RECOVERY: Final = "recovery"
# In order. Warm-up: a few regulars read. Before: people arrive and reload. Opening: the burst. Open: forms are filled
# in and seats are claimed. Recovery: the crowd has left, and the regulars, who look in all the time, show whether the
# site is well again.
NAMES: Final = (WARM_UP, BEFORE, OPENING, OPEN, RECOVERY)
# All phases in one, where a figure may be taken of a phase or of the whole.
STORM: Final = "storm"
SCOPES: Final = (*NAMES, STORM)

PhaseName = Annotated[str, GetPydanticSchema(lambda _type, _handler: core_schema.literal_schema(list(NAMES)))]
# Text that is read as one of these names alone.
Scope = Annotated[str, GetPydanticSchema(lambda _type, _handler: core_schema.literal_schema(list(SCOPES)))]


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

    @classmethod
    def of(cls, lengths: Mapping[str, float]) -> Self:
        """Make them of lengths in seconds by name. Raise ValueError unless they are all phases and nothing else."""
        if set(lengths) != set(NAMES):
            raise ValueError(f"the phases {', '.join(lengths)}; the phases are {', '.join(NAMES)}")
        return cls(*(lengths[name] for name in NAMES))

    def lengths(self) -> Mapping[str, float]:
        """Return the seconds by the phase's name, in order."""
        return dict(zip(NAMES, (self.warm_up, self.before, self.opening, self.open, self.recovery), strict=True))

    def starts(self) -> Mapping[str, float]:
        """Return the moment each phase starts, in seconds relative to the opening (so the first two are negative)."""
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
        """Return the whole seconds, counted from the opening, that a phase touches.

        For ``storm``, those of all phases.
        """
        first = self.start if scope == STORM else self.starts()[scope]
        last = self.end if scope == STORM else first + self.lengths()[scope]
        return range(math.floor(first), math.ceil(last))

    def at(self, moment: float) -> str:
        """Return the phase of a moment; what is earlier or later than the storm belongs to its first or last phase."""
        return NAMES[bisect_right(self._borders, moment)]

    @cached_property
    def _borders(self) -> tuple[float, ...]:
        return tuple(self.starts().values())[1:]
