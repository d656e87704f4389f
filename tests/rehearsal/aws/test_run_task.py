"""What a build is told of a task that it has run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from containers.checkout import Context
from rehearsal.fargate.stand.running_task import RunningTask, State, Status
from rehearsal.values.stack import World

if TYPE_CHECKING:
    from rehearsal.aws.run_task import Runs


class AsItIs:
    """A running task that is as somebody says."""

    def __init__(self, state: State) -> None:
        self._state = state

    def state(self) -> State:
        """Return it."""
        return self._state


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    from rehearsal.aws.run_task import Runs

    return Runs(Context(tmp_path, ("true",), {}, lambda line: None, lambda *_: ""), lambda: World(()))


@pytest.mark.parametrize(
    ("state", "outcomes"),
    [
        pytest.param(State(Status.RUNNING), [("RUNNING", None), ("RUNNING", None)], id="runs"),
        pytest.param(
            State(Status.STOPPED, codes={"migrate": 3}), [("STOPPED", 3), ("STOPPED", None)], id="one has ended"
        ),
        pytest.param(
            State(Status.STOPPED, codes={"migrate": 0, "log": 143}), [("STOPPED", 0), ("STOPPED", 143)], id="both have"
        ),
    ],
)
def test_each_container_of_a_task_is_told_of(runs: Runs, state: State, outcomes: list[tuple[str, int | None]]) -> None:
    containers = [SimpleNamespace(name=name, exitCode=None, last_status="PENDING") for name in ("migrate", "log")]
    task = SimpleNamespace(task_arn="arn", id="1", containers=containers, stopped_reason="", desired_status="RUNNING")
    runs._running["arn"] = cast("RunningTask", AsItIs(state))
    runs._look(task)
    assert [(each.last_status, each.exitCode) for each in containers] == outcomes
    assert task.desired_status == state.status
