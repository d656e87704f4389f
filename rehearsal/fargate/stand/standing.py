"""A container that stands until it is to be another: what all that lasts longer than a task comes up by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from functools import partial

from containers.client import RESOURCE, ROLE, Client
from rehearsal.fargate.task.images import with_own_image
from rehearsal.values.stack import Stack

SPECIFICATION = "floodgate.specification"
# What lasts longer than a task.
LASTING = ("database", "balancer", "front", "firewall", "mail")


class Found(Enum):
    """What there was of a container that was to stand."""

    RUNNING = auto()
    DOWN = auto()
    NOTHING = auto()


def ensure_standing(
    client: Client,
    name: str,
    specification: str,
    create: Callable[[], None],
    *,
    reason: str | Callable[[Mapping[str, str]], str] = "",
    grace: int | None = None,
    start: Callable[[], None] | None = None,
) -> Found:
    """Bring a container up that is labelled with its ``specification``; return what there was of it.

    One that has another is replaced: ``create`` makes it anew, ``reason`` is why, or says it of its labels. It
    has ``grace`` seconds to end by itself; None: none. ``start`` starts it, where there is more to do than that.
    """
    present = client.inspect("container", name)
    if present and present[0]["Config"]["Labels"].get(SPECIFICATION) != specification:
        if words := reason if isinstance(reason, str) else reason(present[0]["Config"]["Labels"]):
            client.ctx.say(words)
        if grace is not None:
            client("stop", f"--time={grace}", name)
        client("rm", "--force", name)
        present = []
    if not present:
        create()
    elif present[0]["State"]["Running"]:
        return Found.RUNNING
    (start or partial(client, "start", name))()
    return Found.DOWN if present else Found.NOTHING


def create_listening(
    client: Client,
    image: str,
    name: str,
    labels: Iterable[str],
    *,
    network: str,
    certified: str,
    published: Iterable[str],
) -> None:
    """Create a container of one of our images that listens on this machine's ports, and may do nothing besides.

    ``certified`` are the names for its certificate; ``published`` its ports, each with the address here.
    """
    with_own_image(
        client,
        image,
        *("create", f"--name={name}", *labels, f"--network={network}", "--restart=unless-stopped"),
        *("--sysctl=net.ipv4.ip_unprivileged_port_start=0", "--cap-drop=ALL"),
        *("--security-opt=no-new-privileges", "--log-opt=max-size=10m"),
        f"--env=CERTIFIED={certified}",
        *(f"--publish={each}" for each in published),
    )


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
