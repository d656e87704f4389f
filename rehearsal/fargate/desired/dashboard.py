"""A dashboard: its widgets, and their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.watched_metric import Metric


@dataclass(frozen=True)
class Line:
    """A line of a chart: a data point in ``period`` seconds, of ``expression`` over each id's metric and statistic."""

    key: str
    label: str
    metrics: Mapping[str, tuple[Metric, str]]
    expression: str
    period: int


@dataclass(frozen=True)
class Widget:
    """A rectangle of a dashboard, ``width`` of its 24 columns wide.

    ``alarms`` are resources; ``thresholds`` are horizontal lines, each with its label; ``undrawn`` says what of the
    widget is not drawn here, and why.
    """

    kind: str
    title: str
    width: int
    text: str = ""
    single: bool = False
    lines: tuple[Line, ...] = ()
    alarms: tuple[str, ...] = ()
    thresholds: tuple[tuple[str, float], ...] = ()
    undrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dashboard:
    """A dashboard, its widgets from left to right and from top to bottom."""

    key: Key
    name: str
    widgets: tuple[Widget, ...]
