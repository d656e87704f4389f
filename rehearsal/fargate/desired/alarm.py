"""Alarms, those that nobody watches included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.fargate.desired.alarm_state import Missing
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.watched_metric import Metric


@dataclass(frozen=True)
class Alarm:
    """An alarm that is watched; ``period`` in seconds.

    Its data points are ``expression`` of each id's metric and statistic. ``notified`` has the e-mail addresses behind
    the topics of each state's actions, and only those states that have a topic.
    """

    key: Key
    name: str
    description: str
    metrics: Mapping[str, tuple[Metric, str]]
    expression: str
    period: int
    threshold: float
    comparison: str
    periods: int
    to_alarm: int
    missing: Missing
    notified: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Unwatched:
    """An alarm that is not watched, and why."""

    key: Key
    name: str
    reason: str
