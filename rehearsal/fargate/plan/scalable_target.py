"""Application Auto Scaling for ECS services: bounds, scheduled actions, and the policies that can be followed here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.alarm_state import Missing
from rehearsal.fargate.desired.scaling import Scaling, ScheduledAction, TargetTracking
from rehearsal.fargate.plan.alarm import NotWatched, data
from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.schedule import timetable
from rehearsal.fargate.plan.service import target_of
from rehearsal.values.task_rules import METRIC_SPECIFICATIONS

_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
# "TargetTrackingScalingPolicyConfiguration" in the API reference: the default of ECS services, for both.
_COOLDOWN = 300
# The alarms that Application Auto Scaling makes for a target, as they stand in an account: no page of AWS's promises
# these figures.
_HIGH_PERIODS, _LOW_PERIODS = 3, 15
_LOW_SHARE = 0.9
# What a predefined metric is as a metric of CloudWatch.
_OF_SERVICE = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}
_OF_GROUP = "ALBRequestCountPerTarget"
# "SuspendedState": the kinds of scaling that can be suspended.
_SUSPENDABLE = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


def scaling(service: Found, lookup: Lookup) -> Scaling | None:
    """Plan what drives the number of a service's tasks; what AWS would refuse is a PlanError."""
    target = target_of(service, lookup)
    if target is None:
        return None
    properties = target.properties
    policies: list[TargetTracking] = []
    unscaled: list[tuple[str, str]] = []
    found_policies = list(_policies(target, lookup))
    _check_apart(found_policies)
    for found in found_policies:
        name = str(found.properties["PolicyName"])
        try:
            policies.append(_tracking(name, found, service, lookup))
        except NotWatched as reason:
            unscaled.append((name, str(reason)))
    desired = service.properties.get("DesiredCount")
    suspended = properties.get("SuspendedState", {})
    return Scaling(
        key=target.key,
        service=service.key,
        desired=None if desired is None else number(service, "DesiredCount", desired),
        minimum=number(target, "MinCapacity", properties["MinCapacity"]),
        maximum=number(target, "MaxCapacity", properties["MaxCapacity"]),
        actions=tuple(_action(target, each) for each in properties.get("ScheduledActions", ())),
        policies=tuple(policies),
        suspended=frozenset(name for name in _SUSPENDABLE if truth(suspended.get(name, False))),
        unscaled=tuple(unscaled),
    )


def _check_apart(policies: Iterable[Found]) -> None:
    """Raise PlanError where two policies of a target track the same metric, of which Auto Scaling takes one."""
    tracked: dict[str, Found] = {}
    for found in policies:
        followed = found.properties.get("TargetTrackingScalingPolicyConfiguration") or {}
        metric = {name: followed[name] for name in METRIC_SPECIFICATIONS if name in followed}
        if metric and (other := tracked.setdefault(json.dumps(metric, sort_keys=True), found)) is not found:
            raise found.fault(
                f"it tracks the metric that {other.where} tracks; Application Auto Scaling takes one policy of each."
            )


def _policies(target: Found, lookup: Lookup) -> Iterator[Found]:
    properties = target.properties
    place = [str(properties[name]) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")]
    for found in lookup.of_type(_POLICY):
        own = found.properties
        if str(own.get("ScalingTargetId")) in {*target.names(), "|".join(place)} or (
            own.get("ResourceId"),
            own.get("ScalableDimension"),
        ) == (properties["ResourceId"], properties["ScalableDimension"]):
            yield found


def _action(target: Found, entry: Mapping[str, Any]) -> ScheduledAction:
    name, bounds = str(entry["ScheduledActionName"]), entry.get("ScalableTargetAction", {})
    minimum, maximum = (
        number(target, f"{name}: {each}", bounds[each]) if each in bounds else None
        for each in ("MinCapacity", "MaxCapacity")
    )
    if minimum is None and maximum is None:
        raise target.fault(f"the scheduled action {name} sets neither MinCapacity nor MaxCapacity.")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise target.fault(f"the scheduled action {name}: MinCapacity {minimum} is above MaxCapacity {maximum}.")
    table = timetable(target, str(entry["Schedule"]), entry, zone="Timezone", bounds=("StartTime", "EndTime"))
    return ScheduledAction(name, table, minimum, maximum)


def _tracking(name: str, found: Found, service: Found, lookup: Lookup) -> TargetTracking:
    kind = str(found.properties.get("PolicyType", "StepScaling"))
    if kind != "TargetTrackingScaling":
        raise NotWatched(f"the policy type {kind} is not followed here, target tracking is")
    properties = found.properties.get("TargetTrackingScalingPolicyConfiguration")
    if properties is None:
        raise found.fault("TargetTrackingScalingPolicyConfiguration is missing.")
    target = float(properties["TargetValue"])
    if target <= 0:
        raise found.fault(f"TargetValue is {target:g}; a metric that falls as tasks are added is above 0.")
    metrics, expression, period = data(found, _metric(properties, service, found), lookup)
    if period != 60:
        raise NotWatched(f"its metric has a period of {period} s, and target tracking looks at minutes")
    high = Alarm(
        key=found.key,
        name=f"{name}, high",
        description="",
        metrics=metrics,
        expression=expression,
        period=period,
        threshold=target,
        comparison="GreaterThanThreshold",
        periods=_HIGH_PERIODS,
        to_alarm=_HIGH_PERIODS,
        missing=Missing.MISSING,
        notified={},
    )
    low = replace(
        high,
        name=f"{name}, low",
        threshold=_LOW_SHARE * target,
        comparison="LessThanThreshold",
        periods=_LOW_PERIODS,
        to_alarm=_LOW_PERIODS,
    )
    return TargetTracking(
        name=name,
        target=target,
        high=high,
        low=low,
        scales_in=not truth(properties.get("DisableScaleIn", False)),
        out_cooldown=number(found, "ScaleOutCooldown", properties.get("ScaleOutCooldown", _COOLDOWN)),
        in_cooldown=number(found, "ScaleInCooldown", properties.get("ScaleInCooldown", _COOLDOWN)),
    )


def _metric(properties: Mapping[str, Any], service: Found, found: Found) -> Mapping[str, Any]:
    """Return what a policy tracks, in the words of an alarm on the same metric."""
    own = properties.get("CustomizedMetricSpecification")
    if own is not None:
        queries = [_query(query) for query in own.get("Metrics", ())]
        return {**own, "Period": 60, **({"Metrics": queries} if queries else {})}
    predefined = properties.get("PredefinedMetricSpecification")
    if predefined is None:
        raise found.fault("it has neither a PredefinedMetricSpecification nor a CustomizedMetricSpecification.")
    kind = str(predefined["PredefinedMetricType"])
    if kind in _OF_SERVICE:
        _, cluster, name = f"//{service.resource.physical_id.rpartition(':')[2]}".rsplit("/", 2)
        dimensions = {"ClusterName": cluster, "ServiceName": name}
        return _single("AWS/ECS", _OF_SERVICE[kind], "Average", dimensions)
    if kind == _OF_GROUP:
        balancer, sign, group = str(predefined.get("ResourceLabel")).partition("/targetgroup/")
        if not sign:
            raise found.fault(
                f"ResourceLabel is {predefined.get('ResourceLabel')!r}; wanted is app/NAME/ID/targetgroup/NAME/ID."
            )
        dimensions = {"LoadBalancer": balancer, "TargetGroup": f"targetgroup/{group}"}
        return _single("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", dimensions)
    raise NotWatched(f"nothing here measures {kind}")


def _single(namespace: str, name: str, statistic: str, dimensions: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Statistic": statistic,
        "Period": 60,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }


def _query(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a query as an alarm has it: there it says its period, which is a minute here."""
    statistic = query.get("MetricStat")
    return {**query, "MetricStat": {**statistic, "Period": 60}} if statistic else query
