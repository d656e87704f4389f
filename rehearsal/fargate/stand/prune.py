"""Takes away what a stack's template no longer has, as CloudFormation would; data on volumes goes by ``discard``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from containers.cgroups import ControlGroups
from containers.client import RESOURCE, ROLE, Client
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.task.task import put_in_service, servers, stop, tasks, tasks_of
from rehearsal.values.stack import Stack

# What the engine knows of this checkout's containers.
Containers = Iterable[Mapping[str, Any]]


def prune_balancers(client: Client, containers: Containers, stack: Stack, plan: Plan) -> None:
    """Remove load balancers and fronts that the template no longer has, before one that replaces them wants a port."""
    _remove(client, containers, "firewall", stack, {str(f.key) for f in plan.fronts if f.firewall})
    _remove(client, containers, "front", stack, {str(f.key) for f in plan.fronts})
    _remove(client, containers, "balancer", stack, {str(b.key) for b in plan.balancers})


def prune(client: Client, groups: ControlGroups, stack: Stack, plan: Plan, balancers: Sequence[Balancer]) -> None:
    """Remove tasks of services, and databases, that the template no longer has."""
    # What a schedule runs is its clock's to remove.
    services = {str(s.key) for s in plan.services} | {str(s.key) for s in plan.schedules}
    containers = client.containers()
    gone = [t for t in tasks_of(containers) if t.service.startswith(_of(stack)) and t.service not in services]
    if gone:
        put_in_service(client, gone, on=False)
        serving = servers(tasks(client))
        for balancer in balancers:
            balancer.update(serving)
        for task in gone:
            stop(client, groups, task)
        client.ctx.say(
            f"removed the tasks of {', '.join(sorted({t.service for t in gone}))}: not in the template any more"
        )
    _remove(client, containers, "database", stack, {str(d.key) for d in plan.databases})
    _remove(client, containers, "mail", stack, {str(plan.mail_server.key)} if plan.mail_server else set())


def discard(client: Client, stack: Stack, goes: Callable[[Key], bool]) -> None:
    """Remove the volumes of those databases and file systems of a stack that go; nothing of them may run any more."""
    for volume in client.inspect("volume", *client.mine_of("volume", f"{ROLE}=storage")):
        resource = str(volume["Labels"][RESOURCE])
        if resource.startswith(_of(stack)) and goes(Key.parse(resource)):
            client("volume", "rm", volume["Name"])
            client.ctx.say(f"removed the data of {resource}")


def _of(stack: Stack) -> str:
    return f"{stack.place}/"


def _remove(client: Client, containers: Containers, role: str, stack: Stack, planned: set[str]) -> None:
    for container in containers:
        labels = container["Config"]["Labels"]
        if labels[ROLE] != role:
            continue
        resource = labels[RESOURCE]
        if resource.startswith(_of(stack)) and resource not in planned:
            client("stop", container["Id"])
            client("rm", container["Id"])
            client.ctx.say(f"removed {role} {resource}: not in the template any more")
