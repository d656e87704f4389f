"""What schedules call of AWS's API to change a size: planned, and what stands of it at a moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from containers.checkout import Context
from rehearsal.fargate.desired.backing_servers import Capacity
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.desired.scheduled_size import ServiceSize, Sized, Units
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.plan.scheduled_call import standing
from rehearsal.fargate.stand import sizes
from rehearsal.values import rehearsed_time
from rehearsal.values.stack import Resource, Stack
from tests.rehearsal.fargate import templates

LARGE = {"MinCapacity": 2, "MaxCapacity": 4}
LARGER_TASK = f"arn:aws:ecs:{templates.REGION}:{templates.ACCOUNT}:task-definition/larger:1"
SINCE = "2026-11-01 00:00"
PLACE = f"{templates.ACCOUNT}/{templates.REGION}/site-test"


def calling(name: str, operation: str, request: Any, at: str = "2026-12-01T09:00:00", **more: Any) -> Resource:
    """Return a schedule as the CDK writes it, that calls AWS's API at a moment of universal time."""
    properties = {
        "ScheduleExpression": f"at({at})",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {
            "Arn": f"arn:aws:scheduler:::aws-sdk:{operation}",
            "RoleArn": templates.STARTS,
            "Input": request if isinstance(request, str) else json.dumps(request),
        },
        **more,
    }
    return Resource(name, "AWS::Scheduler::Schedule", name.lower(), properties, {})


def database(bounds: dict[str, Any] = LARGE, **more: Any) -> dict[str, Any]:
    """Return the request that gives the site's database other bounds."""
    own = {"DbClusterIdentifier": "cluster-1", "ServerlessV2ScalingConfiguration": bounds, "ApplyImmediately": True}
    return {**own, **more}


def site(*schedules: Resource) -> Stack:
    """Return the site with schedules, and a task definition of one vCPU that nothing runs."""
    stack = templates.stack(templates.web(image="app", port=8080))
    task = stack.resources["Task"]
    larger = {**task.properties, "Cpu": "1024", "Memory": "2048"}
    for resource in (Resource("Larger", task.type, LARGER_TASK, larger, {}), *schedules):
        stack = templates.with_resource(stack, resource)
    return stack


def planned(*schedules: Resource) -> Plan:
    """Return the plan of the site with schedules."""
    stack = site(*schedules)
    return make_plan(templates.world(stack), stack, templates.Secrets())


def sized(*schedules: Resource) -> Sized:
    """Return what schedules set of one resource."""
    [found] = planned(*schedules).sized
    return found


def utc(text: str) -> float:
    """Return a moment of universal time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_bounds_of_a_database_are_planned() -> None:
    found = sized(calling("Raise", "rds:modifyDBCluster", database()))
    assert (found.resource.logical_id, found.template) == ("Database", Capacity(0, 1, 2048, 300))
    assert [call.setting for call in found.calls] == [Capacity(2, 4, 8192, None)]


@pytest.mark.parametrize(
    ("request_", "units"),
    [
        pytest.param({"MinimumLoadBalancerCapacity": {"CapacityUnits": 324}}, 324, id="reserved"),
        pytest.param({"ResetCapacityReservation": True}, None, id="given back"),
    ],
)
def test_a_reservation_of_a_load_balancer_is_planned(request_: dict[str, Any], units: int | None) -> None:
    operation = "elasticloadbalancingv2:modifyCapacityReservation"
    found = sized(calling("Reserve", operation, {"LoadBalancerArn": templates.BALANCER, **request_}))
    assert (found.template, found.calls[0].setting) == (Units(None), Units(units))


def test_what_a_service_is_made_of_is_planned() -> None:
    request = {"Cluster": "cluster", "Service": "web", "TaskDefinition": LARGER_TASK}
    found = sized(calling("Larger1", "ecs:updateService", request))
    assert isinstance(found.template, ServiceSize)
    assert found.template.task is not None
    setting = found.calls[0].setting
    assert isinstance(setting, ServiceSize)
    assert setting.task is not None
    assert (found.template.task.cpu_units, setting.task.cpu_units, setting.count) == (512, 1024, None)


@pytest.mark.parametrize(
    ("schedule", "fault"),
    [
        pytest.param(
            calling("Raise", "rds:modifyDBCluster", database(DbClusterIdentifier="other")),
            "DbClusterIdentifier names 'other'",
            id="another cluster",
        ),
        pytest.param(
            calling("Raise", "rds:modifyDBCluster", database({"MinCapacity": 4, "MaxCapacity": 2})),
            "capacity 4.0 to 2.0",
            id="bounds",
        ),
        pytest.param(
            calling("Raise", "rds:modifyDBCluster", database({**LARGE, "MinCapacity": 0, "SecondsUntilAutoPause": 60})),
            "SecondsUntilAutoPause is 60; it is from 300 to 86400",
            id="pause",
        ),
        pytest.param(
            calling("Raise", "rds:modifyDBCluster", database(ApplyImmediately=False)),
            "ApplyImmediately is not true",
            id="maintenance window",
        ),
        pytest.param(
            calling("Raise", "rds:modifyDBCluster", database(DeletionProtection=False)),
            "does not know how to carry out DeletionProtection",
            id="another change",
        ),
        pytest.param(
            calling("Larger1", "ecs:updateService", {"Cluster": "cluster", "Service": "other"}),
            "Service names 'other'",
            id="another service",
        ),
        pytest.param(calling("Raise", "rds:modifyDBCluster", "{"), "Target.Input is no JSON", id="no JSON"),
        pytest.param(
            calling("Raise", "rds:modifyDBCluster", database(), FlexibleTimeWindow={"Mode": "FLEXIBLE"}),
            "a flexible time window is not honoured",
            id="window",
        ),
    ],
)
def test_what_aws_refuses_of_a_call_is_refused(schedule: Resource, fault: str) -> None:
    with pytest.raises(PlanError, match=fault):
        planned(schedule)


def rule(**properties: Any) -> Resource:
    """Return a rule of EventBridge."""
    return Resource("Rule", "AWS::Events::Rule", "rule", properties, {})


TOPIC = "arn:aws:sns:eu-central-1:222222222222:t"


@pytest.mark.parametrize(
    ("resource", "notes"),
    [
        pytest.param(
            calling("Tell", "sns:publish", {"Message": "m"}),
            ["schedule Tell: nothing carries out sns:publish."],
            id="call",
        ),
        pytest.param(calling("Off", "sns:publish", {}, State="DISABLED"), [], id="disabled"),
        pytest.param(
            calling("Tell", "sns:publish", {}, Target={"Arn": TOPIC, "RoleArn": templates.STARTS}),
            [f"schedule Tell: nothing starts {TOPIC}."],
            id="schedule of a target",
        ),
        pytest.param(
            rule(ScheduleExpression="rate(1 hour)", Targets=[{"Arn": TOPIC, "Id": "t"}]),
            [f"rule Rule: nothing starts {TOPIC}."],
            id="rule of a target",
        ),
        pytest.param(
            rule(EventPattern={"source": ["aws.rds"]}, Targets=[{"Arn": TOPIC, "Id": "t"}]),
            ["rule Rule: nothing sends events of aws.rds."],
            id="events",
        ),
        pytest.param(
            rule(EventPattern={"source": ["aws.codepipeline"]}, Targets=[{"Arn": TOPIC, "Id": "t"}]),
            ["rule Rule: nothing sends events of aws.codepipeline."],
            id="events of the pipeline in a stack without one",
        ),
        pytest.param(rule(EventPattern={"source": ["aws.rds"]}, State="DISABLED"), [], id="disabled rule"),
    ],
)
def test_what_nothing_fires_is_named(resource: Resource, notes: list[str]) -> None:
    plan = planned(resource)
    assert plan.sized == ()
    assert [note.replace(" is not fired here", "") for note in plan.notes if "is not fired here" in note] == notes


WINDOW = sized(
    calling("Raise", "rds:modifyDBCluster", database()),
    calling("Lower", "rds:modifyDBCluster", database({"MinCapacity": 1, "MaxCapacity": 2}), "2026-12-01T11:00:00"),
)


@pytest.mark.parametrize(
    ("now", "bounds"),
    [
        pytest.param("2026-12-01 08:59", (0, 1), id="before"),
        pytest.param("2026-12-01 09:00", (2, 4), id="raised"),
        pytest.param("2026-12-01 11:00", (1, 2), id="lowered"),
        pytest.param("2026-10-01 00:00", (0, 1), id="a clock that was put back"),
    ],
)
def test_what_was_called_last_stands(now: str, bounds: tuple[float, float]) -> None:
    setting, _ = standing(WINDOW, utc(SINCE), utc(now))
    assert isinstance(setting, Capacity)
    assert (setting.minimum, setting.maximum) == bounds


def test_what_a_call_does_not_say_is_left() -> None:
    fewer = {"Cluster": "cluster", "Service": "web", "DesiredCount": 2}
    other = {"Cluster": "cluster", "Service": "web", "TaskDefinition": LARGER_TASK}
    found = sized(
        calling("Other", "ecs:updateService", other),
        calling("Fewer", "ecs:updateService", fewer, "2026-12-01T10:00:00"),
    )
    setting, at = standing(found, utc(SINCE), utc("2026-12-01 10:30"))
    assert isinstance(setting, ServiceSize)
    assert setting.task is not None
    assert (setting.task.cpu_units, setting.count, at) == (1024, 2, utc("2026-12-01 10:00"))


def test_a_deployment_keeps_what_was_set_and_a_changed_template_takes_it_back(tmp_path: Path) -> None:
    context = Context(tmp_path, ("docker",), {}, print, lambda *_: "")
    other = {"Cluster": "cluster", "Service": "web", "TaskDefinition": LARGER_TASK}
    plan = planned(calling("Other", "ecs:updateService", other))
    [size], [service] = plan.sized, plan.services
    rehearsed_time.put(context.state, utc(SINCE), 1)
    [first] = sizes.deployed(context, PLACE, plan.sized, plan.services)
    assert first == service
    with sizes.changing(context.state) as file:
        [(key, entry)] = file.items()
        file[key] = sizes.Size(entry.registered, entry.since, utc("2026-12-01 09:00"), "larger")
    [again] = sizes.deployed(context, PLACE, plan.sized, plan.services)
    assert (again.task.cpu_units, str(size.resource)) == (1024, key)
    changed = planned(calling("Other", "ecs:updateService", {**other, "DesiredCount": 3}))
    [taken_back] = sizes.deployed(context, PLACE, changed.sized, changed.services)
    assert taken_back == service
    assert sizes.deployed(context, PLACE, (), plan.services) == plan.services
    assert sizes.kept(context.state) == {}
