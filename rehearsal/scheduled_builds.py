"""Which builds a schedule starts: found by what the template says, an EventBridge rule or a schedule of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rehearsal.codebuild import project
from rehearsal.codebuild.project import Project
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack

_START_BUILD = "arn:aws:scheduler:::aws-sdk:codebuild:startBuild"


def scheduled_projects(stack: Stack) -> list[Project]:
    """Return the CodeBuild projects that a schedule in ``stack`` starts. Raise ``ActionFailed`` where there is none."""
    targets = set(_targets(stack))
    projects = [
        project.read(resource, stack.account, stack.region) for resource in stack.of_type("AWS::CodeBuild::Project")
    ]
    found = [candidate for candidate in projects if candidate.arn in targets or candidate.name in targets]
    if not found:
        raise ActionFailed(f"no schedule in the stack {stack.name} starts a CodeBuild project")
    return found


def _targets(stack: Stack) -> Iterator[str]:
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        target = schedule.properties["Target"]
        if target["Arn"] == _START_BUILD:
            yield json.loads(target["Input"])["ProjectName"]
        yield target["Arn"]
    for rule in stack.of_type("AWS::Events::Rule"):
        if rule.properties.get("ScheduleExpression"):
            yield from (target["Arn"] for target in rule.properties.get("Targets", []))
