"""One run of a scheduled task: its containers from start to end, what they printed, and nothing left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from containers.cgroups import ControlGroups
from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.task.attempt import TaskFailed
from rehearsal.fargate.task.launch import Launcher
from rehearsal.fargate.task.task import TASK, end, is_essential, remove, tasks_of

_POLL = 0.25


def run_once(client: Client, groups: ControlGroups, launcher: Launcher, heard: Callable[[str, str], None]) -> None:
    """Run the task until an essential container ends, as ECS does, which then stops the others; say how that went.

    ``heard`` is called with each container's name and all that it printed.
    """
    name, started, reason = launcher.new_name(), time.monotonic(), ""
    try:
        launcher.prepare()
        try:
            launcher.launch(name, threading.Event())
        except TaskFailed as failed:  # it has ended, well or not, before anybody could see it run
            reason = failed.reason
        ended = _ended(client, name)
        took = f"{time.monotonic() - started:.1f} s"
        outcome = ", ".join(f"{part} ended with {code}" for part, code in ended.items())
        parts: list[str] = []
        for task in tasks_of(client.containers(f"{TASK}={name}")):
            end(client, task)
            parts += [part["Config"]["Labels"]["floodgate.container"] for part in task.containers]
        lines = {part: _printed(client, name, part) for part in parts}
        for part, own in lines.items():
            heard(part, "\n".join(own))
        printed = "".join(f"\n    {part}: {line}" for part, own in lines.items() for line in own)
        client.ctx.say(f"{name}: {outcome or reason or 'removed by somebody else'} after {took}{printed}")
    except EngineError as error:
        client.ctx.say(f"{name}: {error.message}")
    finally:
        remove(client, groups, name)


def _ended(client: Client, name: str) -> Mapping[str, int]:
    """Wait for the end of an essential container; return the exit codes of those that have ended."""
    while True:
        found = tasks_of(client.containers(f"{TASK}={name}"))
        parts: list[Mapping[str, Any]] = [part for task in found for part in task.containers]
        ended = {
            part["Config"]["Labels"]["floodgate.container"]: int(part["State"]["ExitCode"])
            for part in parts
            if is_essential(part) and part["State"]["Status"] in {"exited", "dead"}
        }
        if ended or not any(part["State"]["Running"] for part in parts):
            return ended
        time.sleep(_POLL)


def _printed(client: Client, name: str, part: str) -> list[str]:
    done = client.run("logs", f"{name}-{part}")
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]
