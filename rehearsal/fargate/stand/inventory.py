"""What runs for a checkout, and how all of it goes away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import RESOURCE, ROLE, Client
from containers.database import SERVERS
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.stand import alarm_watch, scaling_state
from rehearsal.fargate.stand.clock_orders import kept_whole, ordered, scaled, watched
from rehearsal.fargate.stand.stack_clock import stop_clocks
from rehearsal.fargate.stand.standing import LASTING
from rehearsal.fargate.task.task import Task, tasks_of

_MANY = 50


@dataclass(frozen=True)
class Running:
    """One thing that stands in the engine. ``restarts``: how often the engine had to start it again by itself.

    ``well``: whether it does what it is there for, as far as the engine knows.
    """

    kind: str
    resource: str
    name: str
    state: str
    address: str
    restarts: int
    well: bool


def status(ctx: Context) -> list[Running]:
    """Return what this checkout has: databases, load balancers and their fronts, mail servers, tasks, schedules.

    What a clock should keep and does not is told as well.
    """
    containers, found = Client(ctx).containers(), []
    for container in containers:
        labels = container["Config"]["Labels"]
        if labels[ROLE] in LASTING:
            ports = container["HostConfig"]["PortBindings"] or {}
            addresses = ", ".join(
                sorted(f"{b['HostIp']}:{b['HostPort']}" for bindings in ports.values() for b in bindings)
            )
            found.append(
                Running(
                    labels[ROLE],
                    labels[RESOURCE],
                    container["Name"].lstrip("/"),
                    _state(container),
                    addresses,
                    container["RestartCount"],
                    container["State"]["Status"] == "running",
                )
            )
    schedules = list(ordered(ctx))
    scheduled = {each.resource for each in schedules}
    tasks = tasks_of(containers)
    found += [_shown(task) for task in tasks if task.service not in scheduled]
    whole = kept_whole(ctx)
    found += [
        Running("service", each, Key.parse(each).short, "not kept whole: its clock does not run", "", 0, False)
        for each in sorted({task.service for task in tasks if task.in_service} - whole)
    ]
    under_watch = watched(ctx)
    found += [
        Running("alarm", each.resource, each.name, "not watched: its clock does not run", "", 0, False)
        for each in alarm_watch.states(ctx.state)
        if each.state != alarm_watch.NOT_WATCHED and each.resource not in under_watch
    ]
    under_scaling = scaled(ctx)
    found += [
        Running("scaling", each, Key.parse(each).short, "not scaled: its clock does not run", "", 0, False)
        for each in scaling_state.kept(ctx.state).services
        if each not in under_scaling
    ]
    return found + [
        Running(
            "schedule",
            each.resource,
            each.name,
            each.when if each.lives else "not running",
            "",
            0,
            each.lives,
        )
        for each in schedules
    ]


def _state(container: Mapping[str, Any]) -> str:
    server = container["Config"]["Labels"].get("floodgate.server")
    return f"{container['State']['Status']}, {SERVERS[server]}" if server else str(container["State"]["Status"])


def _shown(task: Task) -> Running:
    state = ("in service" if task.in_service else "not in service") + ("" if task.well else ", not well")
    restarts = sum(c["RestartCount"] for c in task.containers)
    return Running("task", task.service, task.name, state, task.address, restarts, task.well)


def down(ctx: Context) -> list[str]:
    """Remove every container, volume, network, control group and image tag of this checkout; return their names.

    Its clocks end first. Nothing that it removes is another checkout's as well.
    """
    client = Client(ctx)
    removed = [f"schedule {name}" for name in stop_clocks(ctx)]
    containers = client.containers()
    # What shares a pause container's network goes before it.
    for batch in ([c for c in containers if c["HostConfig"]["NetworkMode"].startswith("container:")], containers):
        present = [c["Id"] for c in batch]
        if present:
            client.run("rm", "--force", "--volumes", *present)
    removed += sorted(c["Name"].lstrip("/") for c in containers)
    for kind in ("volume", "network"):
        names = client.mine_of(kind)
        if names:
            client(kind, "rm", *names)
        removed += sorted(names)
    groups = ControlGroups(client)
    for name in groups.leftovers():
        groups.remove(name)
        removed.append(f"cgroup {name}")
    return removed + _remove_images(client)


def _remove_images(client: Client) -> list[str]:
    doomed = [tag for tag in client.images() if tag.startswith(f"{client.ctx.prefix}/")]
    return [tag for tag in sorted(doomed) if client.run("rmi", tag).returncode == 0]
