"""The rules of the comparison with earlier storms, as the limits file says them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# How many comparable runs are looked back at, at most.
LONGEST_LOOK: Final = 90


@dataclass(frozen=True)
class Rules:
    """What is compared, and when it is an alarm.

    ``since`` leaves out runs that started before it (ISO 8601), after a change that was meant.
    """

    figures: tuple[str, ...]
    false_alarms: float = 0.01
    smallest: float = 0.10
    newest: int = 30
    since: str = ""
