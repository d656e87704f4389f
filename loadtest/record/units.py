"""Units: the kinds of figures, what they are written in, and how people read them."""

from __future__ import annotations

import math
from enum import Enum


class Kind(Enum):
    """The kind of a figure; its value is what units it is written in, each as a factor to the base unit."""

    DURATION = {"ms": 0.001, "s": 1.0, "min": 60.0}  # noqa: RUF012 - an enumeration's value, not a class attribute
    SHARE = {"%": 0.01}  # noqa: RUF012 - as above
    COUNT = {"": 1.0}  # noqa: RUF012 - as above


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
        case _:
            return f"{value:.0f}"
