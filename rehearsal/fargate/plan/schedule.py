"""EventBridge schedules that run ECS tasks: how often, and which task."""

from __future__ import annotations

import re

from rehearsal.fargate.plan.lookup import Found, Lookup, number
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.service import check_network, task_network
from rehearsal.fargate.plan.task_definition import task_definition
from rehearsal.fargate.plan.values import Schedule

_KIND = "AWS::Scheduler::Schedule"
# Seconds of each unit of a rate.
UNITS = {"minute": 60, "hour": 3600, "day": 86400}


def runs_tasks(found: Found) -> bool:
    """Return whether a schedule runs ECS tasks, and is not disabled; what else it starts is not this package's."""
    properties = found.properties
    return "EcsParameters" in properties["Target"] and properties.get("State", "ENABLED") == "ENABLED"


def schedule(found: Found, lookup: Lookup, read: ReadSecret) -> Schedule:
    """Plan a schedule; what EventBridge or ECS would refuse is a PlanError."""
    properties = found.properties
    target = properties["Target"]
    run = target["EcsParameters"]
    if properties["FlexibleTimeWindow"].get("Mode") != "OFF":
        raise found.fault("a flexible time window is not honoured by the rehearsal.")
    if run.get("LaunchType") != "FARGATE":
        raise found.fault(f"it is launched on {run.get('LaunchType', 'EC2 (the default)')}; the rehearsal has FARGATE.")
    if run.get("PlatformVersion", "LATEST") not in ("LATEST", "1.4.0"):
        raise found.fault(f"PlatformVersion is {run['PlatformVersion']!r}; the rehearsal has LATEST and 1.4.0.")
    if number(found, "TaskCount", run.get("TaskCount", 1)) != 1:
        raise found.fault(f"TaskCount is {run['TaskCount']}; the rehearsal runs one task at a time.")
    lookup.need(str(target["Arn"]), "AWS::ECS::Cluster", found, "Target.Arn")
    definition = lookup.need(
        str(run["TaskDefinitionArn"]), "AWS::ECS::TaskDefinition", found, "EcsParameters.TaskDefinitionArn"
    )
    check_network(found, run)
    subnets, groups = task_network(run)
    return Schedule(
        key=found.key,
        network=lookup.network(None, subnets, groups, found),
        task=task_definition(definition, lookup, read),
        every=_seconds(found, str(properties["ScheduleExpression"])),
    )


def _seconds(found: Found, expression: str) -> int:
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not rate or not int(rate[1]):
        raise found.fault(f"ScheduleExpression is {expression!r}; for tasks the rehearsal has rate(value unit).")
    return int(rate[1]) * UNITS[rate[2]]
