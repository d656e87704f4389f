"""The fleet of a large storm is as it must be, and each check notices the faults that it is there for."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.templates import fleet_checks as checks
from tests.templates import pipeline_checks
from tests.templates.checks import hold
from tests.templates.faults import Fault, add, copied, drop, put, put_variable, remove
from tests.templates.inputs import ROOT
from tests.templates.synthesis import Make
from tests.templates.variants import FLEET, variant
from tests.templates.world import PIPELINE, PipelineCheck, World

GATE, NIGHT = "CodeBuild::Project/LoadTestFD404D35", "CodeBuild::Project/Nightly"
TASK, WORKER = "ECS::TaskDefinition", "ContainerDefinitions.0"
STATEMENTS = "PolicyDocument.Statement"
RIGHTS = ("IAM::Policy/PipelineDevLoadTest", "IAM::Policy/NightlyLoadTestProjectRole")

FAULTS: dict[PipelineCheck, list[Fault]] = {
    checks.a_fleet_is_there_where_one_process_is_too_small: [
        remove("ECS::Cluster"),
        drop(GATE, "VpcConfig"),
        put(NIGHT, "Environment.EnvironmentVariables", []),
    ],
    checks.both_storms_know_the_fleet: [
        put_variable(GATE, "STORM_WORKERS", "4"),
        put_variable(GATE, "STORM_FLEET", "cluster=another"),
        put_variable(NIGHT, "STORM_FLEET", "cluster=another"),
        put_variable(NIGHT, "STORM_ENVIRONMENT", "region=eu-central-1"),
        put(GATE, "TimeoutInMinutes", 30),
        put(NIGHT, "TimeoutInMinutes", 10),
    ],
    checks.a_worker_can_do_nothing_but_storm: [
        drop(TASK, f"{WORKER}.User"),
        put(TASK, f"{WORKER}.User", "0"),
        put(TASK, f"{WORKER}.ReadonlyRootFilesystem", False),
        drop(TASK, f"{WORKER}.LinuxParameters.InitProcessEnabled"),
        drop(TASK, f"{WORKER}.LinuxParameters.Capabilities"),
        put(TASK, f"{WORKER}.Environment", [{"Name": "STORM_TOKEN", "Value": "t"}]),
        put(TASK, f"{WORKER}.Name", "storm"),
        put(TASK, f"{WORKER}.PortMappings.0.ContainerPort", 8089),
        put(TASK, "Cpu", "256"),
    ],
    checks.only_a_build_calls_a_worker: [
        put("EC2::SecurityGroupIngress", "FromPort", 0),
        put("EC2::SecurityGroupIngress", "SourceSecurityGroupId", {"Fn::GetAtt": ["Another", "GroupId"]}),
        remove("EC2::SecurityGroupIngress"),
        remove("EC2::SecurityGroupEgress"),
        put("EC2::SecurityGroup/Worker", "SecurityGroupIngress", [{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}]),
        put("EC2::SecurityGroup/Build", "SecurityGroupEgress.0.IpProtocol", "-1"),
        put("EC2::SecurityGroupIngress", "Description", "Locust's master calls"),
    ],
    checks.builds_storm_from_private_subnets: [
        put(GATE, "VpcConfig.Subnets.0", {"Ref": "FleetVpcPublicSubnet1Subnet531E70E4"}),
        put(NIGHT, "VpcConfig.SecurityGroupIds", []),
        put("EC2::Subnet/PublicSubnet1", "MapPublicIpOnLaunch", True),
    ],
    checks.builds_may_run_this_one_task: [
        *(
            add(role, STATEMENTS, {"Effect": "Allow", "Action": action, "Resource": "*"})
            for role in RIGHTS
            for action in ("ecs:RunTask", "iam:PassRole", "ecs:RegisterTaskDefinition")
        ),
    ],
    checks.the_image_is_published_with_the_pipeline: [
        put("CodeBuild::Project/SelfMutation", "Environment.PrivilegedMode", False),
    ],
}


@pytest.fixture(scope="module")
def large(make: Make) -> World:
    """What a storm of 2,500 people makes."""
    return make(variant(FLEET))


@pytest.mark.parametrize("check", [*checks.CHECKS, *pipeline_checks.CHECKS], ids=lambda check: check.__name__)
def test_holds(large: World, check: PipelineCheck) -> None:
    hold(check, large)


@pytest.mark.parametrize("check", checks.ALWAYS, ids=lambda check: check.__name__)
def test_a_small_storm_has_none(reference: World, check: PipelineCheck) -> None:
    check(reference)


@pytest.mark.parametrize(
    ("check", "fault"),
    [(check, fault) for check, faults in FAULTS.items() for fault in faults],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
def test_fault_is_noticed(large: World, check: PipelineCheck, fault: Fault) -> None:
    template = copied(large.templates[PIPELINE])
    fault.change(template)
    assert template != large.templates[PIPELINE]
    with pytest.raises((AssertionError, KeyError)):
        check(replace(large, templates={**large.templates, PIPELINE: template}))


def test_every_check_has_a_fault() -> None:
    assert set(FAULTS) == set(checks.CHECKS)


@pytest.mark.parametrize(
    ("storms", "minutes"), [pytest.param(1, 22, id="one storm"), pytest.param(6, 57, id="six storms")]
)
def test_a_storm_by_a_fleet_has_time_for_it_to_start(storms: int, minutes: int) -> None:
    from pipeline.gates import storm_timeout

    assert storm_timeout(variant(FLEET).storm, storms=storms).to_minutes() == minutes


@pytest.fixture(scope="module")
def context(make: Make) -> Path:
    """The folder in the assembly from which the worker's image is built."""
    assembly = make(variant(FLEET)).assembly
    (dockerfile,) = assembly.glob("asset.*/loadtest/Dockerfile")
    return dockerfile.parents[1]


def test_the_image_is_built_from_the_people_and_the_generator_alone(context: Path) -> None:
    """An edit of the report is no new image."""
    rooms = ("record", "crowd", "request", "generator")
    modules = {file.relative_to(ROOT) for room in rooms for file in (ROOT / "loadtest" / room).rglob("*.py")}
    others = ("Dockerfile", "Dockerfile.dockerignore", "__init__.py")
    wanted = (
        modules
        | {Path("loadtest") / name for name in others}
        | {Path(name) for name in ("requirements/worker.txt", "src/core/packages.lock", "src/core/pinned.sh")}
    )
    assert {file.relative_to(context) for file in context.rglob("*") if file.is_file()} == wanted


def imports_alone(folder: Path, module: str) -> subprocess.CompletedProcess[str]:
    """Import a module with nothing of this project but what a folder holds, and leave the folder as it is."""
    script = f"import sys; sys.path.insert(0, {str(folder)!r}); import {module}"
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_worker_starts_from_the_files_of_its_image_alone(context: Path) -> None:
    done = imports_alone(context, "loadtest.generator.worker")
    assert (done.returncode, done.stderr) == (0, "")
    missing = imports_alone(context, "loadtest.gate.verdict")
    assert "No module named 'loadtest.gate'" in missing.stderr
