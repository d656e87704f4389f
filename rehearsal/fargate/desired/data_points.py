"""Samples of metrics, and the data points that an alarm sees of them: one for each period, by CloudWatch's statistics.

Periods begin where the clock is a multiple of them. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.fargate.desired import metric_math
from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.alarm_state import COMPARISONS, evaluation_range
from rehearsal.fargate.desired.dashboard import Line
from rehearsal.fargate.desired.watched_metric import Metric

# Seconds between two samples; every period is a multiple of it.
SAMPLED_EVERY = 10


class Samples:
    """What was measured, as far back as the longest of some alarms and of some lines' periods looks."""

    def __init__(self, alarms: Sequence[Alarm], lines: Sequence[Line] = ()) -> None:
        looked = [each.period * (evaluation_range(each.periods) + 1) for each in alarms]
        self._kept = max((*looked, *(each.period * 2 for each in lines)), default=0)
        self._samples: dict[Metric, list[tuple[float, float]]] = {}

    def add(self, metric: Metric, at: float, value: float) -> None:
        """Add what was measured at a moment: a number of what happened since the sample before, or a state."""
        samples = self._samples.setdefault(metric, [])
        samples.append((at, value))
        while samples[0][0] < at - self._kept:
            samples.pop(0)

    def data_points(self, alarm: Alarm, until: float) -> list[float | None]:
        """Return the data points of an alarm's evaluation range, the oldest first; None where there is none."""
        starts = range(evaluation_range(alarm.periods), 0, -1)
        return [self.data_point(alarm, until - back * alarm.period) for back in starts]

    def data_point(self, source: Alarm | Line, start: float) -> float | None:
        """Return the data point of the period that begins at ``start``; None where there is none."""
        values = {
            name: _statistic(
                statistic,
                [value for at, value in self._samples.get(metric, ()) if start <= at < start + source.period],
            )
            for name, (metric, statistic) in source.metrics.items()
        }
        return metric_math.result(source.expression, values)


def breaching(alarm: Alarm, data_points: Sequence[float | None]) -> list[bool | None]:
    """Return which data points breach an alarm's threshold."""
    compare, _ = COMPARISONS[alarm.comparison]
    return [None if each is None else compare(each, alarm.threshold) for each in data_points]


def _statistic(name: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    return {
        "Sum": sum(values),
        "Average": sum(values) / len(values),
        "Minimum": min(values),
        "Maximum": max(values),
        "SampleCount": float(len(values)),
    }[name]
