"""A container that stands until it is to be another: what all that lasts longer than a task comes up by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from containers.client import RESOURCE, ROLE, Client
from rehearsal.values.stack import Stack

# What lasts longer than a task.
LASTING = ("database", "balancer", "front", "firewall", "mail")


def ensure_standing(
    client: Client,
    name: str,
    specification: str,
    create: Callable[[], None],
    *,
    replace: Callable[[dict[str, Any]], None],
    start: Callable[[], None] | None = None,
) -> bool:
    """Bring a container up as ``specification`` says, which ``create`` labels it with; return whether it ran already.

    ``replace`` is given what the engine knows of one that is otherwise, tells it, and takes it away. ``start`` starts
    one, where that is more than to start it.
    """
    found = client.inspect("container", name)
    if found and found[0]["Config"]["Labels"].get("floodgate.specification") != specification:
        replace(found[0])
        found = []
    if not found:
        create()
    if found and found[0]["State"]["Running"]:
        return True
    if start is None:
        client("start", name)
    else:
        start()
    return False


def start_again(client: Client, stack: Stack) -> int:
    """Start what lasts of a stack and is down, as it is; return how many containers that were."""
    down = [
        each["Id"]
        for each in client.containers()
        if (labels := each["Config"]["Labels"])[ROLE] in LASTING
        and labels[RESOURCE].startswith(f"{stack.place}/")
        and not each["State"]["Running"]
    ]
    if down:
        client("start", *down)
    return len(down)
