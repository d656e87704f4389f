"""CloudWatch alarms, as far as what they watch is measured here; the others are named, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.fargate.desired.alarm import Alarm, Unwatched
from rehearsal.fargate.desired.alarm_state import COMPARISONS, Missing
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.metric_math import ids
from rehearsal.fargate.desired.watched_metric import BalancerMetric, LogMetric, Metric, ServiceMetric
from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.schedule import scheduled_tasks, task_run

# The metrics of a load balancer that are measured, each with its statistics that mean something.
BALANCER_METRICS: Mapping[str, frozenset[str]] = {
    "RequestCount": frozenset({"Sum"}),
    "RequestCountPerTarget": frozenset({"Sum"}),
    "HTTPCode_ELB_5XX_Count": frozenset({"Sum"}),
    "HTTPCode_Target_5XX_Count": frozenset({"Sum"}),
    "HealthyHostCount": frozenset({"Average", "Minimum", "Maximum"}),
    "UnHealthyHostCount": frozenset({"Average", "Minimum", "Maximum"}),
}
# Those of a service's tasks; AWS sends them once a minute.
SERVICE_METRICS = frozenset({"CPUUtilization", "MemoryUtilization"})
_SERVICE_STATISTICS = frozenset({"Average", "Minimum", "Maximum"})
_OF_A_GROUP = frozenset({"HealthyHostCount", "UnHealthyHostCount", "RequestCountPerTarget"})
_OF_A_BALANCER = frozenset({"HTTPCode_ELB_5XX_Count"})
_LOGGED_STATISTICS = frozenset({"Sum", "Average", "Minimum", "Maximum", "SampleCount"})
# { $.field = value } or { $.field = "value" }, of all that a pattern of JSON may be.
_FIELD = re.compile(r'\{\s*\$\.(\w+)\s*=\s*(?:"([^"\[?]*)"|(-?\d+))\s*\}')
_TERM = re.compile(r'"([^"]*)"|([A-Za-z0-9_]+)')
_SHORT_PERIODS = (10, 20, 30)
_MINUTE = 60


class NotWatched(Exception):
    """An alarm watches what is not measured here; the text says what."""


def alarm(found: Found, lookup: Lookup) -> Alarm | Unwatched:
    """Plan an alarm; what CloudWatch would refuse is a PlanError."""
    properties = found.properties
    name = str(properties.get("AlarmName") or found.resource.physical_id)
    periods = number(found, "EvaluationPeriods", properties["EvaluationPeriods"])
    to_alarm = number(found, "DatapointsToAlarm", properties.get("DatapointsToAlarm", periods))
    if not 1 <= to_alarm <= periods:
        raise found.fault(f"DatapointsToAlarm is {to_alarm}; CloudWatch takes 1 to EvaluationPeriods, {periods}.")
    treated = str(properties.get("TreatMissingData", Missing.MISSING))
    if treated not in list(Missing):
        raise found.fault(f"TreatMissingData is {treated!r}; CloudWatch has {', '.join(Missing)}.")
    comparison = str(properties["ComparisonOperator"])
    if comparison not in COMPARISONS or "Threshold" not in properties:
        return Unwatched(found.key, name, f"nothing here learns a band of what is usual, for {comparison}")
    try:
        metrics, expression, period = data(found, properties, lookup)
    except NotWatched as reason:
        return Unwatched(found.key, name, str(reason))
    return Alarm(
        key=found.key,
        name=name,
        description=str(properties.get("AlarmDescription", "")),
        metrics=metrics,
        expression=expression,
        period=period,
        threshold=float(properties["Threshold"]),
        comparison=comparison,
        periods=periods,
        to_alarm=to_alarm,
        missing=Missing(treated),
        notified=_notified(found, lookup) if truth(properties.get("ActionsEnabled", True)) else {},
    )


def data(found: Found, properties: Mapping[str, Any], lookup: Lookup) -> tuple[dict[str, tuple[Metric, str]], str, int]:
    """Return an alarm's metrics by id, the expression that joins them, and its period in seconds.

    Raise NotWatched where that is not measured here. ``properties`` are those of the alarm, or of what has one made.
    """
    queries = {str(query["Id"]): query for query in properties.get("Metrics", ())}
    if not queries:
        if "ExtendedStatistic" in properties:
            raise NotWatched(f"{properties['ExtendedStatistic']} of {properties.get('MetricName')} is not measured")
        metric = _metric(properties, str(properties.get("Statistic")), lookup)
        return {"m": (metric, str(properties["Statistic"]))}, "m", _period(properties.get("Period"))
    returned = [query for query in queries.values() if truth(query.get("ReturnData", True))]
    if len(returned) != 1:
        raise found.fault(f"{len(returned)} of its Metrics have ReturnData; CloudWatch takes one.")
    return joined(str(returned[0]["Id"]), queries, lookup)


def joined(
    name: str, queries: Mapping[str, Mapping[str, Any]], lookup: Lookup
) -> tuple[dict[str, tuple[Metric, str]], str, int]:
    """Return one of some metric queries by id as metrics, the expression that joins them, and their period.

    Raise NotWatched at what is not measured.
    """
    expression = _flat(name, queries, ())
    metrics: dict[str, tuple[Metric, str]] = {}
    lengths: set[int] = set()
    for each in sorted(ids(expression)):
        source = queries[each]["MetricStat"]
        metrics[each] = (_metric(source["Metric"], str(source["Stat"]), lookup), str(source["Stat"]))
        lengths.add(_period(source["Period"]))
    if len(lengths) != 1:
        raise NotWatched(f"its expression joins {len(lengths)} periods, and one is honoured")
    return metrics, expression, lengths.pop()


def _flat(name: str, queries: Mapping[str, Mapping[str, Any]], within: tuple[str, ...]) -> str:
    """Return a query as one expression over metrics: what it names of other expressions is put in their place."""
    if name not in queries or name in within:
        raise NotWatched(f"its expression names {name!r}, which is {'itself' if name in within else 'no query of it'}")
    if "MetricStat" in queries[name]:
        return name
    if "Expression" not in queries[name]:
        raise NotWatched(f"its query {name!r} has neither a MetricStat nor an Expression")
    expression = str(queries[name]["Expression"])
    try:
        inner = {each: _flat(each, queries, (*within, name)) for each in ids(expression)}
    except ValueError as error:
        raise NotWatched(f"of metric math {error}") from None
    return re.sub(r"\b[a-z]\w*\b", lambda each: f"({inner[each[0]]})", expression)


def _period(value: object) -> int:
    seconds = int(str(value or _MINUTE))
    if seconds not in _SHORT_PERIODS and (seconds < _MINUTE or seconds % _MINUTE):
        raise NotWatched(f"its period of {seconds} s is none of 10, 20, 30 or a multiple of 60")
    return seconds


def _metric(source: Mapping[str, Any], statistic: str, lookup: Lookup) -> Metric:
    name, namespace = str(source.get("MetricName")), str(source.get("Namespace"))
    dimensions = {str(each["Name"]): str(each["Value"]) for each in source.get("Dimensions", ())}
    if namespace == "AWS/ApplicationELB":
        metric, known = _of_balancer(name, dimensions, lookup), BALANCER_METRICS[name]
    elif namespace == "AWS/ECS" and name in SERVICE_METRICS:
        return _checked(_of_service(name, dimensions, lookup), name, statistic, _SERVICE_STATISTICS)
    elif filters := list(_filters(name, namespace, lookup)):
        if dimensions or len(filters) > 1:
            raise NotWatched(f"{name} comes from {len(filters)} metric filters or has dimensions; one without is read")
        return _checked(_logged(filters[0], lookup), name, statistic, _LOGGED_STATISTICS)
    else:
        raise NotWatched(f"nothing here measures {name} of {namespace}")
    return _checked(metric, name, statistic, known)


def _checked(metric: Metric, name: str, statistic: str, known: frozenset[str]) -> Metric:
    if statistic not in known:
        raise NotWatched(f"{statistic} of {name} is not measured")
    return metric


def _of_balancer(name: str, dimensions: Mapping[str, str], lookup: Lookup) -> BalancerMetric:
    if name not in BALANCER_METRICS:
        raise NotWatched(f"nothing here measures {name} of a load balancer")
    keys: dict[str, Key] = {}
    for dimension, kind, infix in (
        ("LoadBalancer", "LoadBalancer", ":loadbalancer/"),
        ("TargetGroup", "TargetGroup", ":"),
    ):
        for each in lookup.of_type(f"AWS::ElasticLoadBalancingV2::{kind}"):
            if each.resource.physical_id.rpartition(infix)[2] == dimensions.get(dimension):
                keys[dimension] = each.key
    if set(keys) != set(dimensions) or "LoadBalancer" not in keys:
        raise NotWatched(f"the dimensions of {name} name no load balancer or target group that stands")
    if name in _OF_A_GROUP and "TargetGroup" not in keys:
        raise NotWatched(f"{name} is a target group's, and its dimensions name none")
    if name in _OF_A_BALANCER and "TargetGroup" in keys:
        raise NotWatched(f"{name} is a load balancer's, and its dimensions name a target group")
    return BalancerMetric(name, keys["LoadBalancer"], keys.get("TargetGroup"))


def _of_service(name: str, dimensions: Mapping[str, str], lookup: Lookup) -> ServiceMetric:
    ending = f"/{dimensions.get('ServiceName')}"
    for each in lookup.own("AWS::ECS::Service"):
        if dimensions.get("ClusterName") and each.resource.physical_id.endswith(ending):
            return ServiceMetric(name, each.key)
    raise NotWatched(f"the dimensions of {name} name no service of its stack")


def _filters(name: str, namespace: str, lookup: Lookup) -> Iterator[tuple[Found, Mapping[str, Any]]]:
    for found in lookup.of_type("AWS::Logs::MetricFilter"):
        for each in found.properties["MetricTransformations"]:
            if (each["MetricName"], each["MetricNamespace"]) == (name, namespace):
                yield found, each


def _logged(entry: tuple[Found, Mapping[str, Any]], lookup: Lookup) -> LogMetric:
    found, transformation = entry
    where = f"the metric filter {found.key.logical_id}"
    group, pattern = str(found.properties["LogGroupName"]), str(found.properties["FilterPattern"]).strip()
    field = _FIELD.fullmatch(pattern)
    terms = [] if field else [quoted or word for quoted, word in _TERM.findall(pattern)]
    if not field and _TERM.sub("", pattern).strip():
        raise NotWatched(f"{where} has the pattern {pattern!r}, and words, phrases and one field of JSON are read")
    written = str(transformation["MetricValue"])
    value: float | str
    try:
        value = float(written)
    except ValueError:
        if not field or not re.fullmatch(r"\$\.\w+", written):
            raise NotWatched(f"{where} takes its value from the line, {written!r}") from None
        value = written.removeprefix("$.")
    if transformation.get("Dimensions"):
        raise NotWatched(f"{where} gives its metric dimensions")
    default = transformation.get("DefaultValue")
    sources = [(each.key, container) for each, container in _printing(group, lookup)]
    if not sources:
        raise NotWatched(f"{where} reads the log group {group}; only tasks of the alarm's stack are heard here")
    return LogMetric(
        tuple(sources),
        tuple(terms),
        value,
        None if default is None else float(default),
        (field[1], field[2] if field[3] is None else field[3]) if field else None,
    )


def _printing(group: str, lookup: Lookup) -> Iterator[tuple[Found, str]]:
    """Yield the schedules and services whose containers print to a log group, each with a container."""
    running = [
        *((each, task_run(each)["TaskDefinitionArn"]) for each in scheduled_tasks(lookup)),
        *((each, each.properties["TaskDefinition"]) for each in lookup.own("AWS::ECS::Service")),
    ]
    for each, arn in running:
        definition = lookup.find(str(arn), "AWS::ECS::TaskDefinition")
        for container in definition.properties["ContainerDefinitions"] if definition else ():
            if container.get("LogConfiguration", {}).get("Options", {}).get("awslogs-group") == group:
                yield each, str(container["Name"])


def _notified(found: Found, lookup: Lookup) -> dict[str, tuple[str, ...]]:
    result = {}
    for state, name in (
        ("OK", "OKActions"),
        ("ALARM", "AlarmActions"),
        ("INSUFFICIENT_DATA", "InsufficientDataActions"),
    ):
        topics = [t for arn in found.properties.get(name, ()) if (t := lookup.find(str(arn), "AWS::SNS::Topic"))]
        if topics:
            result[state] = tuple(dict.fromkeys(a for topic in topics for a in addresses(topic, lookup)))
    return result


def addresses(topic: Found, lookup: Lookup) -> Iterator[str]:
    """Yield the e-mail addresses that a topic's messages go to."""
    beside = (s.properties for s in lookup.of_type("AWS::SNS::Subscription"))
    own = [s for s in beside if str(s.get("TopicArn")) in topic.names()]
    for each in (*own, *topic.properties.get("Subscription", ())):
        if each.get("Protocol") in ("email", "email-json"):
            yield str(each.get("Endpoint"))
