"""Each role of a build may do what our own code calls there in AWS, and nothing that nobody calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.templates.aws_calls import services
from tests.templates.inputs import ROOT
from tests.templates.synthesis import Make
from tests.templates.variants import ALL_AT_ONCE, FLEET, WINDOWS, variant
from tests.templates.world import World, of_type, pipeline, rights, wordpress

# Roles by how their logical ids begin.
GATE, NIGHT = "PipelineDevLoadTestRole", "NightlyLoadTestProjectRole"
SYNTH, CHANGES, BILL = "PipelineBuildSynthCdkBuildProjectRole", "PipelineApprovalChangesRole", "PipelineDevSbomRole"
FREEZE = "PipelineWindow"
STORM, READER = "StormRole", "ReaderRole"
PUBLISHING = "ImagePublishingRole"

# Who makes the calls of a file, by service.
CALLERS: dict[str, dict[str, tuple[str, ...]]] = {
    "loadtest/evidence/notice.py": {"sns": (NIGHT,)},
    "loadtest/evidence/upload.py": {"s3": (GATE, NIGHT)},
    "loadtest/generator/fleet_workers.py": {"ecs": (GATE, NIGHT)},
    "loadtest/generator/muting.py": {"cloudwatch": (STORM,)},
    "loadtest/generator/task_killer.py": {"ecs": (STORM,)},
    "loadtest/history/summaries.py": {"s3": (GATE, NIGHT, CHANGES)},
    "loadtest/request/site_size.py": {"application-autoscaling": (STORM,), "ecs": (STORM,), "rds": (STORM,)},
    "loadtest/request/target.py": {"cloudformation": (STORM,), "secretsmanager": (STORM,), "sts": (GATE, NIGHT)},
    "promotion/changes.py": {"cloudformation": (READER,), "s3": (CHANGES,), "sts": (SYNTH, CHANGES)},
    "promotion/freeze.py": {"sns": (FREEZE,), "ssm": (FREEZE,)},
    "supply_chain/images.py": {"ecr": (PUBLISHING,), "s3": (BILL,), "sts": (BILL,)},
}
# What runs in a build; the rest asks no AWS but the rehearsal's, or is a person's.
FOLDERS = ("loadtest", "promotion", "supply_chain", "settings", "pipeline", "stages", "src", "terminal")
# What CodeBuild itself does with a build's role: logs, reports, the source, the network.
CODEBUILDS = ("logs:", "codebuild:", "codeconnections:", "codestar-connections:", "ec2:")


def needed(role: str) -> set[str]:
    """Return the actions that the files call as a role."""
    return {
        action
        for file, called in CALLERS.items()
        for service, actions in services(ROOT / file).items()
        if role in called[service]
        for action in actions
    }


@pytest.fixture(scope="module")
def everything(make: Make) -> World:
    """All of it at once, with a fleet."""
    return make(variant(*ALL_AT_ONCE, FLEET))


@pytest.fixture(scope="module")
def windows(make: Make) -> World:
    """Windows of registration."""
    return make(variant(WINDOWS))


def granted(world: World, role: str) -> set[str]:
    """Return the actions that the roles of a name may take, but for CodeBuild's own, and those on what is handed on."""
    stage = {STORM: "Dev", READER: "Prod"}.get(role)
    template = wordpress(world, stage) if stage else pipeline(world)
    names = [name for name in of_type(template, "IAM::Role") if name.startswith(role)]
    assert names, f"no role {role}"
    found = {right for name in names for right in rights(template, name)}
    return {
        action
        for action, resource in found
        if not action.startswith(CODEBUILDS) and not resource.startswith("<PipelineArtifactsBucket")
    }


def calling() -> Iterator[str]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if services(file):
                yield file.relative_to(ROOT).as_posix()


def test_who_makes_each_call_is_known() -> None:
    assert sorted(calling()) == sorted(CALLERS)
    assert {file: set(services(ROOT / file)) for file in CALLERS} == {f: set(called) for f, called in CALLERS.items()}


@pytest.mark.parametrize("role", [GATE, NIGHT, SYNTH, CHANGES, BILL, STORM, READER])
def test_a_role_may_do_what_is_called_and_nothing_else(everything: World, role: str) -> None:
    assert needed(role)
    assert granted(everything, role) == needed(role)


@pytest.mark.parametrize("role", [GATE, NIGHT, SYNTH, CHANGES, BILL, STORM, READER])
def test_no_role_of_the_settings_as_they_are_may_do_what_nobody_calls(world: World, role: str) -> None:
    assert granted(world, role) <= needed(role)


def test_the_check_of_a_window_may_do_what_it_calls_and_nothing_else(windows: World) -> None:
    assert granted(windows, FREEZE) == needed(FREEZE) != set()


class _WithoutFunctions(yaml.SafeLoader):
    """Reads CloudFormation's YAML but for the functions of its short form."""


_WithoutFunctions.add_multi_constructor("!", lambda _loader, _tag, _node: None)


def test_the_role_that_publishes_images_may_be_asked_for_them() -> None:
    """``cdk bootstrap`` makes it: of the pinned CLI's own template."""
    file = ROOT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
    resources = yaml.load(file.read_text(), _WithoutFunctions)["Resources"]
    policy = resources[f"{PUBLISHING}DefaultPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    actions = {action for each in policy for action in each["Action"]}
    assert needed(PUBLISHING) <= actions
    # What the container engine calls for who pulls.
    assert {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} <= actions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("s = boto3.client('sns')\ns.publish()", {"sns": {"sns:Publish"}}, id="a method"),
        pytest.param(
            "s = boto3.client('s3')\ns.get_paginator('list_objects_v2')", {"s3": {"s3:ListBucket"}}, id="a paginator"
        ),
        pytest.param("boto3.client('s3').upload_file()", {"s3": {"s3:PutObject"}}, id="a transfer"),
        pytest.param("boto3.client('ecs').run_task()", {"ecs": {"ecs:RunTask", "iam:PassRole"}}, id="a right besides"),
        pytest.param(
            "s = boto3.client('ecs')\nself._ask('stop_task', task=1)",
            {"ecs": {"ecs:StopTask"}},
            id="a call by its name",
        ),
        pytest.param("engine.client.publish()", {}, id="another client"),
    ],
)
def test_calls_are_read_from_what_is_written(tmp_path: Path, text: str, found: dict[str, set[str]]) -> None:
    file = tmp_path / "calls.py"
    file.write_text(text)
    assert services(file) == found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("boto3.client(name)", id="a service in a variable"),
        pytest.param("boto3.client('ecs').get_waiter('tasks_running')", id="a waiter"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "calls.py"
    file.write_text(text)
    with pytest.raises(AssertionError, match=r"calls\.py"):
        services(file)
