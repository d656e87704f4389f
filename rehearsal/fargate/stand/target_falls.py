"""Which tasks failed their load balancer's check while they served: ECS replaces such a task, and nothing here does.

From "Amazon ECS services": a task whose target is unhealthy is stopped, and another one started. Here it stays, gets no
requests until it passes again, and whoever looks at what a load has done is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from containers.client import ROLE, Client
from rehearsal.fargate.stand.balancer_metrics import TELL, is_target, statistics

_ASK = f"echo show stat | {TELL}"


def falls(client: Client) -> dict[str, int]:
    """Return how often each target of a load balancer that stands went from healthy to unhealthy."""
    found: dict[str, int] = {}
    for balancer in client.containers(f"{ROLE}=balancer"):
        if balancer["State"]["Running"]:
            done = client.run("exec", str(balancer["Id"]), "sh", "-c", _ASK)
            found |= {} if done.returncode else parse(done.stdout)
    return found


def parse(text: str) -> dict[str, int]:
    """Read HAProxy's answer to ``show stat``: how often each target has fallen that is checked."""
    return {
        f"{row['pxname']}/{row['svname']}": int(row["chkdown"])
        for row in statistics(text)
        if is_target(row) and row["chkdown"]
    }


def fallen(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Return the targets that were there before, and have fallen since; HAProxy counts anew when it is reloaded."""
    return sorted(
        name
        for name, count in after.items()
        if name in before and count > (before[name] if count >= before[name] else 0)
    )


def in_words(names: list[str]) -> str:
    """Say it in the line of what was done meanwhile; nothing where none fell."""
    if not names:
        return ""
    tasks = "1 task" if len(names) == 1 else f"{len(names)} tasks"
    return f"{tasks} failed the load balancer's check meanwhile: ECS would have replaced each"
