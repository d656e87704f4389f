"""A task that ends between two deployments is replaced, as by ECS; what of it cannot be reached is what an ALB says."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from containers.file_lock import file_lock
from rehearsal.fargate.stand import ended_tasks
from rehearsal.fargate.stand.ended_tasks import Ended
from rehearsal.fargate.stand.inventory import down, status
from rehearsal.fargate.stand.rollout import ROLLING
from rehearsal.fargate.stand.stack_clock import stop_clocks
from rehearsal.fargate.task.task import Task
from tests.rehearsal.fargate.clients import asking
from tests.rehearsal.fargate.conftest import Site, docker, make_site
from tests.rehearsal.fargate.waiting import eventually

STARTED = "2026-01-01T10:00:01.500000000Z"
SINCE = STARTED.removesuffix("Z")


@pytest.fixture
def two(tmp_path: Path, app_image: str) -> Iterator[Site]:
    """A site of two tasks."""
    made = make_site(tmp_path, app_image)
    try:
        made.deploy(count=2)
        yield made
    finally:
        down(made.ctx)


def names(site: Site) -> set[str]:
    """Return the names of the tasks that serve."""
    return {task.name for task in site.tasks() if task.state == "in service"}


def ended(site: Site) -> list[Ended]:
    """Return what the clock has noted."""
    return ended_tasks.kept(site.ctx.state)


def kill(task: str) -> None:
    """Kill what serves in a task, as the kernel does it."""
    os.kill(int(docker("inspect", "--format={{.State.Pid}}", f"{task}-web")), signal.SIGKILL)


def test_tasks_that_end_are_replaced_and_the_others_stay(two: Site) -> None:
    first, second = sorted(names(two))
    assert not [each for each in status(two.ctx) if each.kind == "service"]
    with asking(two.port) as answers:
        kill(first)
        eventually(lambda: len(ended(two)) == 1, "the clock notes what it has done")
    after = names(two)
    assert second in after and first not in after and len(after) == 2
    [noted] = ended(two)
    assert noted.outcome == "replaced"
    assert "essential container web exited" in noted.reason
    assert answers.errors == []
    assert {status for status, _ in answers.counts} <= {200, 502}, "another task is not asked"
    # What was taken away without a trace is missing all the same.
    docker("rm", "--force", "--volumes", f"{second}-web", f"{second}-prepare", second)
    eventually(lambda: len(ended(two)) == 2, "the clock finds it missing")
    assert len(names(two) - {second}) == 2
    assert "1 of 2 tasks are there" in ended(two)[-1].reason
    two.deploy(count=2)
    assert any("2 tasks unchanged, reused" in line for line in two.lines), "they are of its version"


def test_nothing_is_replaced_while_a_deployment_is_under_way_or_no_clock_runs(two: Site) -> None:
    first, second = sorted(names(two))
    with file_lock(two.ctx.state / ROLLING):
        kill(first)
        eventually(lambda: any(task.restarts for task in two.tasks()), "the engine starts it again")
        stop_clocks(two.ctx)
    assert names(two) == {first, second}
    assert ended(two) == []
    [service] = [each for each in status(two.ctx) if each.kind == "service"]
    assert (service.well, service.state) == (False, "not kept whole: its clock does not run")
    eventually(lambda: two.get()[0] == 200, "it serves again")


def test_a_target_that_refuses_is_a_502_until_its_check_has_failed(two: Site) -> None:
    stop_clocks(two.ctx)
    first, _ = sorted(names(two))
    with asking(two.port) as answers:
        docker("stop", "--time=1", f"{first}-web")
        eventually(lambda: any(status == 502 for status, _ in answers.counts), "people see what an ALB says")
        eventually(lambda: ",DOWN," in two.statistics(), "its check fails")
    assert answers.errors == []
    assert {status for status, _ in answers.counts} == {200, 502}
    with asking(two.port) as later:
        eventually(lambda: later.counts[200, two.version] > 10, "the other one serves")
    assert {status for status, _ in later.counts} == {200}


def container(name: str, *, essential: str = "yes", restarts: int = 0, **state: Any) -> dict[str, Any]:
    """Return a container as the engine tells of it."""
    labels = {"floodgate.essential": essential, "floodgate.container": name}
    return {
        "Config": {"Labels": labels},
        "State": {"Running": True, "StartedAt": STARTED, "ExitCode": 0, **state},
        "RestartCount": restarts,
    }


@pytest.mark.parametrize(
    ("containers", "network_since", "reason"),
    [
        pytest.param([container("web")], SINCE, "", id="runs"),
        pytest.param([container("install", essential="no", Running=False, ExitCode=1)], SINCE, "", id="not essential"),
        pytest.param(
            [container("web"), container("php", Running=False, ExitCode=137)],
            SINCE,
            "essential container php exited with 137",
            id="exited",
        ),
        pytest.param([container("php", restarts=1)], SINCE, "essential container php exited", id="started again"),
        pytest.param([container("web", Paused=True)], SINCE, "", id="frozen by somebody"),
        pytest.param([container("web", Health={"Status": "unhealthy"})], SINCE, "", id="unhealthy"),
        pytest.param(
            [container("web")],
            "2026-01-01T10:00:02.500000000",
            "essential container web lost the task's network",
            id="network started anew",
        ),
        pytest.param([container("web")], "", "essential container web lost the task's network", id="no network"),
    ],
)
def test_what_has_ended_is_told_from_what_is_only_unwell(
    containers: list[dict[str, Any]], network_since: str, reason: str
) -> None:
    made = Task(
        "t-1", "s", "r", in_service=True, address="", network_since=network_since, registered=(),
        containers=tuple(containers),
    )  # fmt: skip
    assert made.ended == reason
