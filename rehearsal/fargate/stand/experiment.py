"""What stands is broken on purpose: a mark says so, and what is left of it by whoever was killed is undone.

Rules in a container's network, mounts over its files and settings of a database's server last until the container
starts anew. Nobody can tell them from what should be there; so all that may have any of it starts anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from containers.cgroups import ControlGroups
from containers.client import RESOURCE, ROLE, Client
from containers.file_lock import file_lock, is_held
from rehearsal.fargate.task.task import remove, tasks
from rehearsal.values.stack import Stack


def _mark(folder: Path) -> Path:
    return folder / "experiment"


@contextmanager
def experiment(folder: Path, stack: Stack) -> Iterator[None]:
    """Mark in the rehearsal's ``folder`` that a stack is broken on purpose; the mark stays where that is not healed."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = _mark(folder)
    with file_lock(mark) as file:
        file.write(stack.place)
        file.flush()
        yield
        mark.unlink()


def undo_experiment(client: Client, groups: ControlGroups, stack: Stack) -> None:
    """Start a stack's databases anew and take its tasks away, where an experiment on it was broken off."""
    mark = _mark(client.ctx.state)
    if not mark.exists() or is_held(mark) or mark.read_text() != stack.place:
        return
    own = f"{stack.place}/"
    for database in client.containers(f"{ROLE}=database"):
        if database["Config"]["Labels"][RESOURCE].startswith(own):
            client("restart", "--time=60", database["Id"], timeout=120)
    gone = [task for task in tasks(client) if task.service.startswith(own)]
    for task in gone:
        remove(client, groups, task.name)
    mark.unlink()
    are = "1 task is" if len(gone) == 1 else f"{len(gone)} tasks are"
    client.ctx.say(f"an experiment was broken off: its database starts anew, and {are} replaced")
