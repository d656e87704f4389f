"""What CloudWatch, its logs, and EventBridge refuse in alarms, dashboards, filters of metrics, and rules.

Sources: ``PutMetricAlarm``, ``PutDashboard``, ``PutMetricFilter`` and ``PutRule`` in the API references, "Filter
pattern syntax" in the user guide of CloudWatch Logs, "Event patterns" in that of EventBridge, and the errors given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rehearsal.values.as_written import Properties, certain, is_computed, known, mappings, named, number, text

_PERIODS: Final = (10, 20, 30)
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800
# Comparisons with a band of what is usual; each other one is with a threshold.
_OF_BANDS: Final = frozenset(
    {"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"}
)
# One of a unit is said in the singular, more in the plural; the plan reads a cron's fields.
_SCHEDULE: Final = re.compile(
    r"rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days))\)|cron\(\s*\S+(\s+\S+){5}\s*\)"
)
# So many actions has an alarm for each of its states.
_MOST_ACTIONS: Final = 5
# Fields of a cron expression, and the places of its days among them.
_CRON: Final = 6
_OF_MONTH, _OF_WEEK = 2, 4
# Kinds of filter patterns that begin with a bracket end with one.
_BRACKETS: Final = {"{": "}", "[": "]"}


def alarm(properties: Properties) -> Iterator[str]:
    """Yield what CloudWatch refuses in an alarm."""
    yield from _period(properties)
    period, periods = number(properties, "Period"), number(properties, "EvaluationPeriods")
    longest = _WEEK if (period or 0) >= _HOUR else _DAY
    if period is not None and periods is not None and period * periods > longest:
        yield f"{periods:g} periods of {period:g} s are looked at; {longest} s are the longest"
    percentile = re.fullmatch(r"p(\d+)(\.\d*)?", text(properties, "ExtendedStatistic") or "")
    # CloudWatch looks at the whole number alone: it takes p100.5.
    if percentile and int(percentile[1]) > 100:
        yield f"ExtendedStatistic is {percentile[0]}; p0 to p100 are allowed"
    comparison = text(properties, "ComparisonOperator")
    wanted = "ThresholdMetricId" if comparison in _OF_BANDS else "Threshold"
    if comparison is not None and wanted not in properties:
        yield f"it compares by {comparison} and has no {wanted}"
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        actions = properties.get(name)
        if isinstance(actions, list) and certain(actions) and len(actions) > _MOST_ACTIONS:
            yield f"{name} has {len(actions)} actions; {_MOST_ACTIONS} are the most"
        for action in actions if isinstance(actions, list) else ():
            if isinstance(action, str) and known(action) and not action.startswith("arn:"):
                yield f"{name} has {action!r}, which is no ARN"
    if "MetricName" in properties:
        yield from _of_one_metric(properties)
    queries = list(mappings(properties.get("Metrics")))
    for query in queries:
        yield from (f"Metrics {query.get('Id')}: {fault}" for fault in _query(query))
    names = [text(query, "Id") for query in queries]
    for name in dict.fromkeys(each for each in names if each is not None and names.count(each) > 1):
        yield f"Metrics has the Id {name} more than once"


def _of_one_metric(properties: Properties) -> Iterator[str]:
    """Yield what an alarm lacks that names one metric."""
    for name in ("Namespace", "Period"):
        if name not in properties:
            yield f"it names a metric without {name}"
    if not {"Statistic", "ExtendedStatistic"} & set(properties):
        yield "it names a metric without a Statistic or an ExtendedStatistic"


def _period(properties: Properties) -> Iterator[str]:
    period = number(properties, "Period")
    if period is not None and period not in _PERIODS and (period < _MINUTE or period % _MINUTE):
        yield f"Period is {period:g}; 10, 20, 30 and multiples of 60 are allowed"


def _query(query: Properties) -> Iterator[str]:
    expression, statistic = text(query, "Expression"), query.get("MetricStat")
    if expression and isinstance(statistic, Mapping) and "Fn::If" not in statistic:
        yield "Expression and MetricStat do not go together"
    if expression and re.search(r"\bSEARCH\s*\(", expression, re.IGNORECASE):
        yield "its Expression is a SEARCH, which no alarm takes"
    if isinstance(statistic, Mapping):
        yield from _period(statistic)


def dashboard(properties: Properties) -> Iterator[str]:
    """Yield what CloudWatch refuses in a dashboard; the plan reads its body."""
    yield from named(properties, "DashboardName")


def metric_filter(properties: Properties) -> Iterator[str]:
    """Yield what CloudWatch Logs refuses in a filter that makes metrics."""
    pattern = (text(properties, "FilterPattern") or "").strip()
    if pattern[:1] in _BRACKETS and not pattern.endswith(_BRACKETS[pattern[:1]]):
        yield f"FilterPattern is {pattern!r}, which begins with {pattern[0]} and does not end so"
    for each in mappings(properties.get("MetricTransformations")):
        namespace = text(each, "MetricNamespace")
        if namespace and namespace.startswith("AWS/"):
            yield f"MetricNamespace is {namespace!r}; what begins with AWS/ is AWS's own"
        dimensions = list(mappings(each.get("Dimensions")))
        if dimensions and number(each, "DefaultValue") is not None:
            yield "a metric with Dimensions takes no DefaultValue"
        for dimension in dimensions:
            value = text(dimension, "Value")
            if value is not None and not value.startswith("$"):
                yield f"the dimension {dimension.get('Key')} is {value!r}; a field of the line is wanted, as $.field"


def event_rule(properties: Properties) -> Iterator[str]:
    """Yield what EventBridge refuses in a rule's expression and pattern."""
    expression = text(properties, "ScheduleExpression")
    if expression is not None and not _SCHEDULE.fullmatch(expression):
        yield f"ScheduleExpression is {expression!r}; rate(1 hour), rate(5 minutes) or cron() of six fields is wanted"
    fields = expression.removeprefix("cron(").removesuffix(")").split() if expression else []
    if len(fields) == _CRON and [fields[_OF_MONTH], fields[_OF_WEEK]].count("?") != 1:
        yield f"ScheduleExpression is {expression!r}; one of the day of the month and the day of the week is ?"
    yield from _event_pattern(properties)


def _event_pattern(properties: Properties) -> Iterator[str]:
    pattern = properties.get("EventPattern")
    if isinstance(pattern, str):
        if not known(pattern):
            return
        try:
            pattern = json.loads(pattern)
        except ValueError as error:
            yield f"EventPattern is no JSON: {error}"
            return
        if not isinstance(pattern, Mapping):
            yield f"EventPattern is {properties['EventPattern']!r}; a mapping is wanted"
    if isinstance(pattern, Mapping):
        yield from _pattern(pattern, "EventPattern")
        if not pattern and "ScheduleExpression" not in properties:
            yield "EventPattern is empty, and there is no ScheduleExpression"


def _pattern(pattern: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield a fault for each key of a pattern that has a single value where a list of values is wanted."""
    if is_computed(pattern):
        return
    for key, value in pattern.items():
        if isinstance(value, Mapping):
            yield from _pattern(value, f"{place}.{key}")
        elif not isinstance(value, list):
            yield f"{place}.{key} is {value!r}; a list of values is wanted, or a mapping"
        elif not value:
            yield f"{place}.{key} is an empty list, which no event has"
        elif key == "$or":
            for each in mappings(value):
                yield from _pattern(each, f"{place}.{key}")
