"""Units: the kinds of figures, what they are written in, and how people read them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum


def utc_moment(text: str) -> datetime:
    """Read a moment in UTC (ISO 8601). Raise ValueError for none, one without a zone, and one of no calendar there."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is before the first year, or after the last") from error


class Kind(StrEnum):
    """The kind of a figure."""

    DURATION = "duration"
    SHARE = "share"
    COUNT = "count"
    # A number of its own scale, such as how far a page's parts have moved.
    SCORE = "score"

    @property
    def units(self) -> Mapping[str, float]:
        """What units it is written in, each as a factor to the base unit."""
        match self:
            case Kind.DURATION:
                return {"ms": 0.001, "s": 1.0, "min": 60.0}
            case Kind.SHARE:
                return {"%": 0.01}
            case _:
                return {"": 1.0}


def show(value: float, kind: Kind) -> str:
    """Write a figure in its base unit, as people read it."""
    match kind:
        case Kind.DURATION if math.isinf(value):
            return "never"
        case Kind.DURATION if value < 1:
            return f"{value * 1000:.3g} ms" if value < 0.1 else f"{value * 1000:.0f} ms"
        case Kind.DURATION:
            return f"{value:.3g} s" if value < 100 else f"{value:.0f} s"
        case Kind.SHARE:
            return f"{value * 100:.3g} %" if value < 1 else f"{value * 100:.0f} %"
        case Kind.SCORE:
            return f"{value:.3f}".rstrip("0").rstrip(".")
        case _:
            return f"{value:.0f}"
