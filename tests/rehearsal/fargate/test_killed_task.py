"""A build that stops a task of a service by ECS's own calls, as a storm does at the opening: in real containers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.fargate.stand.inventory import down
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.clients import asking
from tests.rehearsal.fargate.conftest import Site, make_site

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

ROLE = f"arn:aws:iam::{templates.ACCOUNT}:role/storm"


@pytest.fixture
def two(tmp_path: Path, app_image: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of two tasks, and the variables of a build that may ask the emulated AWS about it."""
    from rehearsal.aws.run_task import Runs

    made = make_site(tmp_path, app_image)
    world = templates.world(made.stack(made.version, 2))
    runs = Runs(made.ctx, lambda: world)
    runs.install()
    for name, value in cloud.credentials(ROLE, templates.REGION).items():
        monkeypatch.setenv(name, value)
    try:
        made.deploy(count=2)
        yield made
    finally:
        runs.close()
        down(made.ctx)


def test_a_task_that_is_stopped_at_the_opening_is_gone_and_replaced(two: Site) -> None:
    from loadtest.crowd.storm_clock import StormClock
    from loadtest.generator.task_killer import KillFailed, TaskKiller
    from loadtest.request.target import Service

    before = {task.name for task in two.tasks()}
    service = Service("cluster", "web", templates.REGION, ROLE)
    killer = TaskKiller(service)
    with asking(two.port) as answers:
        clock = StormClock(time.monotonic() + 0.5)
        killed = killer.strike(clock)
        assert 0 < killed.at < 2
        with pytest.raises(KillFailed, match="1 of it is healthy: with fewer than 2"):
            TaskKiller(service)
        killer.watch(killed, clock)
    after = {task.name for task in two.tasks()}
    assert killed.healthy == len(after) == 2
    assert killed.whole_after
    assert len(before & after) == 1
    [gone] = before - after
    assert gone.endswith(killed.task.rpartition("/")[2])
    assert (answers.errors, {status for status, _ in answers.counts}) == ([], {200}), "the other one served"
    with pytest.raises(KillFailed, match="0 of it are healthy"):
        TaskKiller(Service("cluster", "another", templates.REGION, ROLE))
