"""The state of an alarm, from its data points: CloudWatch's own rules for M out of N and for missing data."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

# More data points than an alarm's evaluation periods are looked at: five for three, in the CloudWatch user guide,
# which gives no other figure.
_FURTHER_BACK = 2

COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


class Missing(StrEnum):
    """What an alarm takes a missing data point for: the values of ``TreatMissingData``."""

    MISSING = "missing"
    NOT_BREACHING = "notBreaching"
    BREACHING = "breaching"
    IGNORE = "ignore"


class State(StrEnum):
    """The state of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


def evaluation_range(periods: int) -> int:
    """Return how many of the last data points are looked at."""
    return periods + _FURTHER_BACK


def judge(
    breaching: Sequence[bool | None], *, periods: int, to_alarm: int, missing: Missing, before: State
) -> State:  # fmt: skip
    """Return an alarm's state after the data points of its evaluation range, the oldest first.

    Each breaches or not, or is missing (None). From "Configuring how CloudWatch alarms treat missing data": what is
    missing counts only where fewer real ones than the evaluation periods are in the range. Where all real ones breach
    and they are too few, an alarm that treats missing data as missing rings once the oldest is ``to_alarm`` periods
    old ("Avoiding premature transitions to alarm state"); till then, and always where missing data are ignored, it
    keeps its state.
    """
    real = [each for each in breaching if each is not None]
    count = sum(real[-periods:])
    absent = max(0, periods - len(real))
    if missing is Missing.BREACHING:
        count += absent
    if count >= to_alarm:
        return State.ALARM
    if not absent or missing in (Missing.BREACHING, Missing.NOT_BREACHING) or not all(real):
        return State.OK
    if missing is Missing.IGNORE:
        return before
    if not real:
        return State.INSUFFICIENT_DATA
    oldest = len(breaching) - list(breaching).index(True)
    return State.ALARM if oldest >= to_alarm else before
