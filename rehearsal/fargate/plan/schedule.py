"""EventBridge schedules that run ECS tasks: when, and which task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rehearsal.fargate.plan.lookup import Found, Lookup, number
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.service import check_network, task_network
from rehearsal.fargate.plan.task_definition import task_definition
from rehearsal.fargate.plan.timetable import Timetable
from rehearsal.fargate.plan.values import Schedule


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
    if "Input" in target:
        raise found.fault("the rehearsal does not know how to honour Target.Input of a task.")
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
        timetable=timetable(
            found,
            str(properties["ScheduleExpression"]),
            properties,
            zone="ScheduleExpressionTimezone",
            bounds=("StartDate", "EndDate"),
        ),
    )


def timetable(
    found: Found, expression: str, properties: Mapping[str, Any], *, zone: str, bounds: tuple[str, str]
) -> Timetable:
    """Read when something fires; ``zone`` and ``bounds`` are the properties that say in which time zone, and within.

    Raise PlanError for what the service would refuse.
    """
    start, end = (_moment(found, properties.get(each)) for each in bounds)
    try:
        return Timetable(expression, str(properties.get(zone, "UTC")), start, end)
    except ValueError as error:
        raise found.fault(f"the schedule {expression!r} cannot be read: {error}.") from None


def _moment(found: Found, value: object) -> float | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise found.fault(f"{value!r} is no date with a time.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
