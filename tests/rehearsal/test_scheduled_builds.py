"""Which builds a schedule starts, and when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.scheduled_builds import scheduled_builds, scheduled_projects
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource, Stack

ARN = "arn:aws:codebuild:eu-central-1:111111111111:project/night"
START = "arn:aws:scheduler:::aws-sdk:codebuild:startBuild"


def schedule(expression: str, target: dict[str, Any], **more: Any) -> Resource:
    """Return a schedule of EventBridge Scheduler."""
    properties = {"ScheduleExpression": expression, "Target": target, **more}
    return Resource("Schedule", "AWS::Scheduler::Schedule", "schedule", properties, {})


def rule(expression: str, target: str) -> Resource:
    """Return an EventBridge rule."""
    properties = {"ScheduleExpression": expression, "Targets": [{"Arn": target, "Id": "t"}]}
    return Resource("Rule", "AWS::Events::Rule", "rule", properties, {})


BY_NAME = {"Arn": START, "Input": json.dumps({"ProjectName": "night"})}


def stack(*others: Resource) -> Stack:
    """Return a pipeline's stack with a project."""
    properties = {
        "Name": "night",
        "Source": {"Type": "GITHUB", "BuildSpec": "buildspec.yml"},
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Environment": {"Type": "LINUX_CONTAINER", "ComputeType": "BUILD_GENERAL1_SMALL", "Image": "aws/codebuild/x"},
        "ServiceRole": "role",
    }
    project = Resource("Night", "AWS::CodeBuild::Project", "night", properties, {"Arn": ARN})
    resources = {each.logical_id: each for each in (project, *others)}
    return Stack("pipeline", "111111111111", "eu-central-1", resources, {})


@pytest.mark.parametrize(
    ("resource", "name", "expression", "zone"),
    [
        pytest.param(
            schedule("cron(0 2 * * ? *)", BY_NAME, ScheduleExpressionTimezone="Europe/Berlin"),
            "pipeline/Schedule", "cron(0 2 * * ? *)", "Europe/Berlin", id="a schedule, by the call that starts a build",
        ),
        pytest.param(
            schedule("rate(1 day)", {"Arn": ARN}),
            "pipeline/Schedule", "rate(1 day)", "UTC", id="a schedule, by the build's ARN",
        ),
        pytest.param(rule("cron(0 2 * * ? *)", ARN), "pipeline/Rule", "cron(0 2 * * ? *)", "UTC", id="a rule"),
    ],
)  # fmt: skip
def test_a_schedule_that_starts_a_build_is_kept(resource: Resource, name: str, expression: str, zone: str) -> None:
    found = scheduled_builds(stack(resource), Path("/checkout"))
    assert found is not None
    [(kept, timetable)] = found.timetables
    assert (kept, timetable.expression, timetable.zone) == (name, expression, zone)
    assert found.command[1:] == ("-m", "rehearsal", "--checkout", "/checkout", "storm")
    assert [project.name for project in scheduled_projects(stack(resource))] == ["night"]


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param((), id="none"),
        pytest.param((rule("rate(1 day)", "arn:aws:sns:eu-central-1:111111111111:topic"),), id="one of something else"),
    ],
)
def test_without_a_schedule_of_a_build_nothing_is_started(resources: tuple[Resource, ...]) -> None:
    assert scheduled_builds(stack(*resources), Path("/checkout")) is None
    with pytest.raises(ActionFailed, match="no schedule in the stack pipeline starts a CodeBuild project"):
        scheduled_projects(stack(*resources))


def test_the_build_of_a_disabled_schedule_is_started_by_hand_alone() -> None:
    disabled = stack(schedule("rate(1 day)", BY_NAME, State="DISABLED"))
    assert scheduled_builds(disabled, Path("/checkout")) is None
    assert [project.name for project in scheduled_projects(disabled)] == ["night"]


def test_an_expression_that_the_service_refuses_is_told() -> None:
    with pytest.raises(
        ActionFailed, match=r"pipeline/Schedule .*: the schedule 'nightly' cannot be read: 'nightly' is no cron"
    ):
        scheduled_builds(stack(schedule("nightly", BY_NAME)), Path("/checkout"))


@pytest.mark.parametrize(
    ("expression", "bounds"),
    [
        pytest.param("cron(0 2 * * ? *)", (1767225600.0, 1798761600.0), id="again and again, within its dates"),
        pytest.param("at(2026-06-01T10:00:00)", (None, None), id="once, whatever its dates"),
    ],
)
def test_a_schedule_fires_within_its_dates(
    expression: str, bounds: tuple[float | None, float | None], tmp_path: Path
) -> None:
    dates = {"StartDate": "2026-01-01T00:00:00Z", "EndDate": "2027-01-01T00:00:00Z"}
    builds = scheduled_builds(stack(schedule(expression, BY_NAME, **dates)), tmp_path)
    assert builds is not None
    [(_, table)] = builds.timetables
    assert (table.start, table.end) == bounds
