"""Whether one target is met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One target: what was wanted, what was measured, and whether that meets it. Nothing measured never does."""

    name: str
    wanted: str
    measured: str
    met: bool
