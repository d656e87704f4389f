"""EventBridge's schedules and rules that run ECS tasks: when, and which task."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rehearsal.fargate.desired.service import Schedule
from rehearsal.fargate.desired.timetable import Timetable
from rehearsal.fargate.plan.lookup import Found, Lookup, number
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.service import check_network, task_network
from rehearsal.fargate.plan.task_definition import task_definition

SCHEDULE, RULE = "AWS::Scheduler::Schedule", "AWS::Events::Rule"


def runs_tasks(found: Found) -> bool:
    """Return whether a schedule, or a rule with one, runs ECS tasks, and is not disabled."""
    return enabled(found) and "ScheduleExpression" in found.properties and bool(_tasks(found))


def scheduled_tasks(lookup: Lookup) -> Iterator[Found]:
    """Yield the stack's schedules and rules that run ECS tasks."""
    return (found for kind in (SCHEDULE, RULE) for found in lookup.own(kind) if runs_tasks(found))


def enabled(found: Found) -> bool:
    """Return whether a schedule or a rule is not disabled."""
    return bool(found.properties.get("State", "ENABLED") == "ENABLED")


def targets(found: Found) -> list[Mapping[str, Any]]:
    """Return what a schedule or a rule starts."""
    properties = found.properties
    return [properties["Target"]] if "Target" in properties else list(properties.get("Targets", ()))


def event_pattern(found: Found) -> Mapping[str, Any]:
    """Return the pattern of a rule, which a template may write as a text of JSON; empty for a rule without one."""
    pattern = found.properties.get("EventPattern", {})
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except ValueError as error:
            raise found.fault(f"its EventPattern is no JSON: {error}.") from None
    if not isinstance(pattern, Mapping):
        raise found.fault(f"its EventPattern is {json.dumps(pattern)}; a mapping is wanted.")
    return pattern


def task_run(found: Found) -> Mapping[str, Any]:
    """Return how the one task of a schedule or a rule is run, as ECS's own API writes it."""
    run = dict(_tasks(found)[0]["EcsParameters"])
    network = run.get("NetworkConfiguration", {})
    # A rule's template has another capital letter than a schedule's and a service's.
    return {**run, "NetworkConfiguration": {"AwsvpcConfiguration": next(iter(network.values()), {})}}


def schedule(found: Found, lookup: Lookup, read: ReadSecret) -> Schedule:
    """Plan a schedule, or a rule with one; what EventBridge or ECS would refuse is a PlanError."""
    properties = found.properties
    target, *others = _tasks(found)
    run = task_run(found)
    if others:
        raise found.fault("it runs several tasks; the rehearsal runs one for each rule.")
    if properties.get("FlexibleTimeWindow", {}).get("Mode", "OFF") != "OFF":
        raise found.fault("a flexible time window is not honoured by the rehearsal.")
    if run.get("LaunchType") != "FARGATE":
        raise found.fault(f"it is launched on {run.get('LaunchType', 'EC2 (the default)')}; the rehearsal has FARGATE.")
    if run.get("PlatformVersion", "LATEST") not in ("LATEST", "1.4.0"):
        raise found.fault(f"PlatformVersion is {run['PlatformVersion']!r}; the rehearsal has LATEST and 1.4.0.")
    if number(found, "TaskCount", run.get("TaskCount", 1)) != 1:
        raise found.fault(f"TaskCount is {run['TaskCount']}; the rehearsal runs one task at a time.")
    if not _empty(target.get("Input", "{}")):
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
        timetable=own_timetable(found),
    )


def own_timetable(found: Found) -> Timetable:
    """Return when a schedule or a rule fires, which has no time zone but UTC; what is refused is a PlanError."""
    properties = found.properties
    table = timetable(
        found,
        str(properties["ScheduleExpression"]),
        properties,
        zone="ScheduleExpressionTimezone",
        bounds=("StartDate", "EndDate"),
    )
    # EventBridge Scheduler ignores both bounds for one moment: "CreateSchedule" in its API reference.
    return table if table.once is None else replace(table, start=None, end=None)


def _tasks(found: Found) -> list[Mapping[str, Any]]:
    return [target for target in targets(found) if "EcsParameters" in target]


def _empty(text: object) -> bool:
    # The CDK writes an empty object where nothing of a task is overridden.
    try:
        return bool(json.loads(str(text)) == {})
    except ValueError:
        return False


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
