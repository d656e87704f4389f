"""Schedules that call AWS's own API (EventBridge Scheduler's universal targets) to change the size of what stands.

Known are the capacity of a database, the reserved units of a load balancer, and what a service's tasks are made of and
how many there are. The last call that has fired stands, as in AWS, until another one fires or a deployment changes what
the template says of the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rehearsal.fargate.desired.backing_servers import Capacity
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.scheduled_size import ScheduledCall, ServiceSize, Setting, Sized, Units
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.plan.database import capacity
from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.schedule import RULE, SCHEDULE, enabled, event_pattern, own_timetable, runs_tasks, targets
from rehearsal.fargate.plan.service import service

_UNIVERSAL = re.compile(r"arn:[^:]+:scheduler:::aws-sdk:(?P<service>\w+):(?P<action>\w+)")
_DATABASE, _BALANCER = "AWS::RDS::DBCluster", "AWS::ElasticLoadBalancingV2::LoadBalancer"
# Calls that other parts of the rehearsal make when they are due.
_ELSEWHERE = ("codebuild:", "codepipeline:")
# Whose events the rehearsal's executions send, in the stack that has them.
_SENDERS = {"aws.codepipeline": "AWS::CodePipeline::Pipeline", "aws.codebuild": "AWS::CodeBuild::Project"}


def operation(found: Found) -> str | None:
    """Return the call that a schedule makes, as ``service:action``; None where it starts something else, or nothing."""
    match = _UNIVERSAL.fullmatch(str(found.properties["Target"]["Arn"]))
    return f"{match['service']}:{match['action']}" if match and enabled(found) else None


def carried_out(found: Found) -> bool:
    """Return whether a schedule makes a call that is carried out here."""
    return operation(found) in _READ


def sized(lookup: Lookup, read: ReadSecret) -> tuple[Sized, ...]:
    """Return what schedules set, for each resource that they set something of; what AWS would refuse is a PlanError."""
    calls: dict[Key, list[ScheduledCall]] = {}
    resources: dict[Key, Found] = {}
    for found in lookup.own(SCHEDULE):
        if carried_out(found):
            resource, call = _call(found, lookup, read)
            resources[resource.key] = resource
            calls.setdefault(resource.key, []).append(call)
    return tuple(Sized(key, _template(resources[key], lookup, read), tuple(each)) for key, each in calls.items())


def unfired(lookup: Lookup) -> Iterator[str]:
    """Yield a sentence for each schedule or rule whose call nothing here makes, or whose events nothing sends."""
    for found in lookup.own(SCHEDULE):
        name = operation(found)
        if name and name not in _READ and not name.startswith(_ELSEWHERE):
            yield f"schedule {found.key.short} is not fired here: nothing carries out {name}."
        elif name is None and enabled(found):
            yield from _unstarted(f"schedule {found.key.short}", found, lookup)
    for found in filter(enabled, lookup.own(RULE)):
        name = f"rule {found.key.short}"
        pattern = event_pattern(found)
        sources = [str(each) for each in pattern.get("source", ("any service",))]
        if "ScheduleExpression" in found.properties:
            yield from _unstarted(name, found, lookup)
        elif not any(each in _SENDERS and any(lookup.own(_SENDERS[each])) for each in sources):
            yield f"{name} is not fired here: nothing sends events of {' and '.join(sources)}."


def _unstarted(name: str, found: Found, lookup: Lookup) -> Iterator[str]:
    builds = {each for project in lookup.own("AWS::CodeBuild::Project") for each in project.names()}
    for target in targets(found):
        arn = str(target["Arn"])
        if not (arn in builds or (runs_tasks(found) and "EcsParameters" in target)):
            yield f"{name} is not fired here: nothing starts {arn}."


def standing(size: Sized, since: float, now: float) -> tuple[Setting, float | None]:
    """Return what is set at a moment, and when it was set last; what the template says where nothing has fired.

    ``since`` is when the schedules and the template's own size were deployed.
    """
    setting, at = size.template, None
    for fired, call in _fired(size, since, now):
        setting, at = _joined(setting, call.setting), fired
    return setting, at


def last_call(size: Sized, since: float, now: float) -> ScheduledCall | None:
    """Return the call that has fired last."""
    return next((call for _, call in reversed(_fired(size, since, now))), None)


def _fired(size: Sized, since: float, now: float) -> list[tuple[float, ScheduledCall]]:
    found = [(at, each) for each in size.calls if (at := each.timetable.last_until(now, since)) is not None]
    return sorted(found, key=lambda each: each[0])


def _joined(before: Setting, setting: Setting) -> Setting:
    if isinstance(before, ServiceSize) and isinstance(setting, ServiceSize):
        return ServiceSize(setting.task or before.task, before.count if setting.count is None else setting.count)
    return setting


def _call(found: Found, lookup: Lookup, read: ReadSecret) -> tuple[Found, ScheduledCall]:
    properties = found.properties
    if properties["FlexibleTimeWindow"].get("Mode") != "OFF":
        raise found.fault("a flexible time window is not honoured by the rehearsal.")
    name = str(operation(found))
    try:
        request = json.loads(str(properties["Target"].get("Input", "{}")))
    except ValueError:
        raise found.fault("Target.Input is no JSON.") from None
    resource, setting = _READ[name](found, request, lookup, read)
    return resource, ScheduledCall(found.key, own_timetable(found), name, json.dumps(request), setting)


def _capacity(found: Found, request: Mapping[str, Any], lookup: Lookup, _: ReadSecret) -> tuple[Found, Setting]:
    _known(found, request, "DbClusterIdentifier", "ServerlessV2ScalingConfiguration", "ApplyImmediately")
    cluster = lookup.need(str(_field(found, request, "DbClusterIdentifier")), _DATABASE, found, "DbClusterIdentifier")
    if not truth(request.get("ApplyImmediately", False)):
        raise found.fault("ApplyImmediately is not true: there is no maintenance window here.")
    return cluster, capacity(found, _field(found, request, "ServerlessV2ScalingConfiguration"))


def _units(found: Found, request: Mapping[str, Any], lookup: Lookup, _: ReadSecret) -> tuple[Found, Setting]:
    _known(found, request, "LoadBalancerArn", "MinimumLoadBalancerCapacity", "ResetCapacityReservation")
    balancer = lookup.need(str(_field(found, request, "LoadBalancerArn")), _BALANCER, found, "LoadBalancerArn")
    if truth(request.get("ResetCapacityReservation", False)):
        return balancer, Units(None)
    reserved = _field(found, request, "MinimumLoadBalancerCapacity")
    return balancer, Units(number(found, "CapacityUnits", reserved.get("CapacityUnits")))


def _service(found: Found, request: Mapping[str, Any], lookup: Lookup, read: ReadSecret) -> tuple[Found, Setting]:
    _known(found, request, "Cluster", "Service", "TaskDefinition", "DesiredCount")
    changed = _service_called(str(_field(found, request, "Service")), lookup, found)
    definition, count = request.get("TaskDefinition"), request.get("DesiredCount")
    task = None
    if definition is not None:
        properties = {**changed.properties, "TaskDefinition": definition}
        other = Found(changed.stack, replace(changed.resource, properties=properties))
        task = service(other, lookup, read).task
    return changed, ServiceSize(task, None if count is None else number(found, "DesiredCount", count))


def _service_called(name: str, lookup: Lookup, asked_by: Found) -> Found:
    for found in lookup.of_type("AWS::ECS::Service"):
        names = {found.resource.physical_id, found.resource.attributes.get("Name", "")}
        if name in names | {each.rpartition("/")[2] for each in names}:
            return found
    raise asked_by.fault(f"Service names {name!r}, and no deployed stack in this account and region has it.")


def _known(found: Found, request: Mapping[str, Any], *names: str) -> None:
    if other := sorted(request.keys() - set(names)):
        raise found.fault(f"the rehearsal does not know how to carry out {', '.join(other)} of its call.")


def _field(found: Found, request: Mapping[str, Any], name: str) -> Any:
    if name not in request:
        raise found.fault(f"Target.Input has no {name}.")
    return request[name]


def _template(found: Found, lookup: Lookup, read: ReadSecret) -> Setting:
    match found.resource.type:
        case "AWS::RDS::DBCluster":
            return capacity(found, found.properties["ServerlessV2ScalingConfiguration"])
        case "AWS::ECS::Service":
            return ServiceSize(service(found, lookup, read).task, None)
        case _:
            reserved = found.properties.get("MinimumLoadBalancerCapacity", {}).get("CapacityUnits")
            return Units(None if reserved is None else number(found, "CapacityUnits", reserved))


_Read = Callable[[Found, Mapping[str, Any], Lookup, ReadSecret], tuple[Found, Setting]]
_READ: Mapping[str, _Read] = {
    "rds:modifyDBCluster": _capacity,
    "elasticloadbalancingv2:modifyCapacityReservation": _units,
    "ecs:updateService": _service,
}


def in_words(setting: Setting) -> str:
    """Return a setting as a person reads it."""
    match setting:
        case Capacity(minimum, maximum):
            return f"{minimum:g} to {maximum:g} capacity units"
        case Units(reserved):
            return "no capacity units reserved" if reserved is None else f"{reserved} capacity units reserved"
        case ServiceSize(task, count):
            parts = [f"tasks of {task.cpu_units / 1024:g} vCPU and {task.memory_mib} MiB"] if task else []
            return ", ".join([*parts, *([] if count is None else [f"{count} of them"])])


def resized(services: Sequence[Service], settings: Mapping[str, Setting]) -> tuple[Service, ...]:
    """Return services of what is set of them; ``settings`` by resource."""
    found = []
    for each in services:
        setting = settings.get(str(each.key))
        found.append(replace(each, task=setting.task) if isinstance(setting, ServiceSize) and setting.task else each)
    return tuple(found)
