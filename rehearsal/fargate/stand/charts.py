"""What is drawn of a stack's metrics: its alarms and dashboards as they stand, and the last data points of each line.

Two files of a stack in ``charts/`` of the rehearsal's folder: ``STACK.json`` as it was deployed, and
``STACK.points.json``, which its clock writes: of each line the period in seconds, and pairs of a period's beginning in
epoch seconds and its data point. They outlive the clock, so that a chart goes on when a deployment starts another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.alarm_state import COMPARISONS
from rehearsal.fargate.desired.dashboard import Dashboard, Line, Widget
from rehearsal.fargate.desired.data_points import Samples
from rehearsal.values.replaced_file import write

# Data points of a line that are kept: three hours of minutes.
KEPT = 180


def lines(alarms: Sequence[Alarm], dashboards: Sequence[Dashboard]) -> list[Line]:
    """Return what is sampled for charts: each alarm, by its resource, what it is calculated from, and all widgets."""
    own = [Line(str(each.key), each.name, each.metrics, each.expression, each.period) for each in alarms]
    own += [line for each in alarms for line in _parts(each)]
    return own + [line for board in dashboards for widget in board.widgets for line in widget.lines]


def _parts(alarm: Alarm) -> list[Line]:
    """Return the metrics of an alarm that joins several, each as a line."""
    if len(alarm.metrics) < 2:
        return []
    return [
        Line(f"{alarm.key}/{name}", f"{metric.words}, {statistic}", {name: (metric, statistic)}, name, alarm.period)
        for name, (metric, statistic) in alarm.metrics.items()
    ]


def stand(folder: Path, stack: str, alarms: Sequence[Alarm], dashboards: Sequence[Dashboard]) -> None:
    """Note in the rehearsal's ``folder`` what is drawn of a stack; where nothing is, its files go."""
    file = _file(folder, stack)
    if not alarms and not dashboards:
        file.unlink(missing_ok=True)
        _points(folder, stack).unlink(missing_ok=True)
        return
    drawn = {
        "alarms": [
            {
                "resource": str(each.key),
                "description": each.description,
                "period": each.period,
                "parts": [{"key": line.key, "label": line.label} for line in _parts(each)],
                "threshold": each.threshold,
                "rings": f"{each.to_alarm} of {each.periods} data points {COMPARISONS[each.comparison][1]}",
            }
            for each in alarms
        ],
        "dashboards": [
            {"name": board.name, "stack": board.key.stack, "widgets": [_drawn(each) for each in board.widgets]}
            for board in dashboards
        ],
    }
    write(file, json.dumps(drawn))


def _drawn(widget: Widget) -> dict[str, Any]:
    shown = asdict(widget)
    shown["lines"] = [{"key": line.key, "label": line.label, "period": line.period} for line in widget.lines]
    return shown


class Charts:
    """The data points of a stack's lines as its clock writes them."""

    def __init__(self, folder: Path, stack: str, drawn: Sequence[Line]) -> None:
        """Take up those that an earlier clock has left for the same lines."""
        self.lines = drawn
        self._file = _points(folder, stack)
        try:
            before = json.loads(self._file.read_text())["lines"]
        except FileNotFoundError:
            before = {}
        self._points: dict[str, list[tuple[int, float]]] = {line.key: [] for line in drawn}
        for line in drawn:
            kept = before.get(line.key, {})
            if kept.get("period") == line.period:
                self._points[line.key] = [(start, value) for start, value in kept["points"]]

    def extend(self, samples: Samples, until: int) -> None:
        """Add what was sampled before ``until``; the data point of a period that has not ended is as it is so far."""
        for line in self.lines:
            start = (until - 1) // line.period * line.period
            points = self._points[line.key]
            # One that is later is of a clock that has been set back since.
            while points and points[-1][0] >= start:
                points.pop()
            value = samples.data_point(line, start)
            if value is not None:
                points.append((start, value))
            while points and points[0][0] <= start - KEPT * line.period:
                points.pop(0)
        if self.lines:
            shown = {line.key: {"period": line.period, "points": self._points[line.key]} for line in self.lines}
            write(self._file, json.dumps({"until": until, "lines": shown}))


def _file(folder: Path, stack: str) -> Path:
    return folder / "charts" / f"{stack}.json"


def _points(folder: Path, stack: str) -> Path:
    return folder / "charts" / f"{stack}.points.json"
