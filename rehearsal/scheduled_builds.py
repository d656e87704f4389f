"""Which builds a schedule starts, and when: by what the template says, an EventBridge rule or a schedule of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from rehearsal.codebuild import project
from rehearsal.codebuild.project import Project
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.plan.lookup import Found
from rehearsal.fargate.plan.schedule import RULE, SCHEDULE, enabled, own_timetable
from rehearsal.fargate.stand.build_watch import Builds
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack

_START_BUILD = "arn:aws:scheduler:::aws-sdk:codebuild:startBuild"


def scheduled_projects(stack: Stack) -> list[Project]:
    """Return the CodeBuild projects that a schedule in ``stack`` starts, a disabled one too.

    Raise ``ActionFailed`` where there is none.
    """
    targets = {target for _, target in _schedules(stack, disabled=True)}
    found = [candidate for candidate in _projects(stack) if candidate.arn in targets or candidate.name in targets]
    if not found:
        raise ActionFailed(f"no schedule in the stack {stack.name} starts a CodeBuild project")
    return found


def scheduled_builds(stack: Stack, checkout: Path) -> Builds | None:
    """Return when the builds of ``stack`` are started, by the command that runs them; None where none is.

    Raise ``ActionFailed`` for an expression that the service would refuse.
    """
    known = {name for candidate in _projects(stack) for name in (candidate.arn, candidate.name)}
    timetables = []
    for found, target in _schedules(stack, disabled=False):
        if target in known:
            try:
                timetables.append((f"{stack.name}/{found.resource.logical_id}", own_timetable(found)))
            except PlanError as error:
                raise ActionFailed(error.message) from None
    command = (sys.executable, "-m", "rehearsal", "--checkout", str(checkout), "storm")
    return Builds(tuple(timetables), command) if timetables else None


def _projects(stack: Stack) -> list[Project]:
    return [
        project.read(resource, stack.account, stack.region) for resource in stack.of_type("AWS::CodeBuild::Project")
    ]


def _schedules(stack: Stack, *, disabled: bool) -> Iterator[tuple[Found, str]]:
    """Yield each schedule, those that are ``disabled`` too, and what it starts."""
    for schedule in stack.of_type(SCHEDULE):
        properties = schedule.properties
        if disabled or enabled(Found(stack, schedule)):
            target = properties["Target"]
            started = json.loads(target["Input"])["ProjectName"] if target["Arn"] == _START_BUILD else target["Arn"]
            yield Found(stack, schedule), started
    for rule in stack.of_type(RULE):
        properties = rule.properties
        if properties.get("ScheduleExpression") and (disabled or enabled(Found(stack, rule))):
            for target in properties.get("Targets", []):
                yield Found(stack, rule), target["Arn"]
