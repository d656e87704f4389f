"""Tasks in the container engine: a pause container that holds network and limits, and the task's containers around it.

A task is in service when its pause container has a restart policy. That mark lies in the engine, so it outlives a
rehearsal that was killed. With it, the engine restarts a container that ends, until the clock replaces the whole task
as ECS does, or where no clock runs the next deployment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from containers.cgroups import ControlGroups
from containers.client import RESOURCE, ROLE, Client
from rehearsal.fargate.task.server import Server

TASK = "floodgate.task"
# The role of the containers that hold network and limits.
PAUSE = "pause"
_ORDER = "floodgate.order"
_ESSENTIAL = "floodgate.essential"


@dataclass(frozen=True)
class Task:
    """A task in the engine. ``name`` is its pause container's, and its name in the container network.

    ``address`` is empty, and ``network_since`` as well, while the pause container does not run. ``registered`` are the
    target groups that it answers for, each with its port. ``running_since`` is since when all of its containers
    have been started (``time.monotonic``), of a task that was launched just now.
    """

    name: str
    service: str
    revision: str
    in_service: bool
    address: str
    network_since: str
    registered: tuple[tuple[str, int], ...]
    containers: tuple[Mapping[str, Any], ...] = field(repr=False)
    running_since: float = field(default=0.0, compare=False, repr=False)

    @property
    def well(self) -> bool:
        """Whether every essential container runs in the task's network, and none is known to be unhealthy.

        A container that was started before its network is in one that nobody reaches any more.
        """
        essential = [c for c in self.containers if is_essential(c)]
        return (
            bool(essential)
            and bool(self.network_since)
            and all(
                c["State"]["Running"]
                and not c["State"].get("Paused")
                and _moment(c["State"]["StartedAt"]) >= self.network_since
                and (c["State"].get("Health") or {}).get("Status") != "unhealthy"
                for c in essential
            )
        )

    @property
    def ended(self) -> str:
        """Why ECS would have stopped the task by itself, in its words; nothing where it would not.

        What the engine has started again had ended, too, and so had all that ran in a network that is another by now.
        """
        for container in filter(is_essential, self.containers):
            state, name = container["State"], container["Config"]["Labels"]["floodgate.container"]
            if not state["Running"]:
                return f"essential container {name} exited with {state['ExitCode']}"
            if container["RestartCount"]:
                return f"essential container {name} exited"
            if not self.network_since or _moment(state["StartedAt"]) < self.network_since:
                return f"essential container {name} lost the task's network"
        return ""

    @property
    def short(self) -> str:
        """The part of the name that tells it from the service's other tasks."""
        return self.name.rpartition("-")[2]

    def server(self, port: int) -> Server:
        """Return the task as a load balancer's server."""
        return Server(self.short, self.name, self.address, port)


def is_essential(container: Mapping[str, Any]) -> bool:
    """Return whether a task ends with a container of its."""
    return bool(container["Config"]["Labels"].get(_ESSENTIAL) == "yes")


def tasks(client: Client, service: str | None = None) -> list[Task]:
    """Return this checkout's tasks, whole or not, the oldest first; only those of one service if it is named."""
    return tasks_of(client.containers(*([f"{RESOURCE}={service}"] if service else [])))


def tasks_of(containers: Iterable[Mapping[str, Any]]) -> list[Task]:
    """Return the tasks that containers of this checkout belong to, the oldest first."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for container in containers:
        name = container["Config"]["Labels"].get(TASK)
        if name:
            grouped.setdefault(name, []).append(container)
    oldest_first = sorted(grouped.items(), key=lambda each: min(str(c["Created"]) for c in each[1]))
    return [_task(name, members) for name, members in oldest_first]


def _task(name: str, members: list[Mapping[str, Any]]) -> Task:
    pause = next((c for c in members if c["Name"].lstrip("/") == name), None)
    labels = (pause or members[0])["Config"]["Labels"]
    # The engine goes on telling the address of a container that it found dead when it started.
    up = pause if pause is not None and pause["State"]["Running"] else {}
    networks = up.get("NetworkSettings", {}).get("Networks", {})
    return Task(
        name=name,
        service=labels[RESOURCE],
        revision=labels["floodgate.revision"],
        in_service=pause is not None and pause["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped",
        address=next((n["IPAddress"] for n in networks.values()), ""),
        network_since=_moment(up["State"]["StartedAt"]) if up else "",
        registered=tuple((str(group), int(port)) for group, port in json.loads(labels["floodgate.targets"])),
        containers=tuple(c for c in members if c is not pause),
    )


def _moment(written: str) -> str:
    """Return a moment as the engine writes it, made so that a later one is a greater text."""
    return written[:19] + re.sub(r"[^.\d].*", "", written[19:]).ljust(10, "0")


def servers(found: Iterable[Task]) -> dict[str, list[Server]]:
    """Return the servers of each target group: the tasks that are in service and have an address."""
    groups: dict[str, list[Server]] = {}
    for task in found:
        if task.in_service and task.address:
            for group, port in task.registered:
                groups.setdefault(group, []).append(task.server(port))
    return groups


def serving(client: Client) -> dict[str, list[Server]]:
    """Return the servers of each target group, of this checkout's tasks: their pause containers alone tell."""
    return servers(tasks_of(client.containers(f"{ROLE}={PAUSE}")))


def put_in_service(client: Client, found: Sequence[Task], *, on: bool) -> None:
    """Mark tasks as in service, or take the mark away."""
    essential = [c["Name"].lstrip("/") for task in found for c in task.containers if is_essential(c)]
    own = [task.name for task in found]
    # The pause containers last when they go in, first when they go out: they alone decide.
    for names in (essential, own) if on else (own, essential):
        client("update", f"--restart={'unless-stopped' if on else 'no'}", *names)


def stop(client: Client, groups: ControlGroups, task: Task) -> None:
    """End a task as ECS does, and remove what is left of it."""
    end(client, task)
    discard(client, groups, task.name)


def end(client: Client, task: Task) -> None:
    """End what runs of a task: containers that depend on others first, each by its stop signal and in its stop time."""
    for container in sorted(task.containers, key=lambda c: int(c["Config"]["Labels"].get(_ORDER, 0)), reverse=True):
        if container["State"]["Running"]:
            name = container["Name"].lstrip("/")
            client("stop", name, timeout=(container["Config"].get("StopTimeout") or 30) + 60.0)


def discard(client: Client, groups: ControlGroups, name: str) -> Path | None:
    """Remove all that is left of a task; return the folder in which its logs are kept, if it printed any."""
    logs = keep_logs(client, name)
    remove(client, groups, name)
    return logs


def remove(client: Client, groups: ControlGroups, name: str) -> None:
    """Remove all that is left of a task, its logs as well."""
    ids = client("ps", "--all", "--quiet", f"--filter=label={client.mine}", f"--filter=label={TASK}={name}").split()
    if ids:
        client("rm", "--force", "--volumes", *ids)
    volumes = client.mine_of("volume", f"{TASK}={name}")
    if volumes:
        client("volume", "rm", "--force", *volumes)
    groups.remove(name)


def keep_logs(client: Client, name: str) -> Path | None:
    """Write what a task's containers have printed to a folder of the rehearsal's, and return that."""
    folder = client.ctx.state / "logs" / name.removeprefix(f"{client.ctx.prefix}-")
    kept = None
    for container in client.containers(f"{TASK}={name}"):
        part = container["Config"]["Labels"].get("floodgate.container")
        if part and container["State"]["StartedAt"] > "0001-01-02":
            kept = folder
            folder.mkdir(parents=True, exist_ok=True)
            done = client.run("logs", "--timestamps", container["Id"])
            lines = sorted([*done.stdout.splitlines(), *done.stderr.splitlines()])
            (folder / f"{part}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return kept
