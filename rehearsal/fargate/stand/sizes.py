"""What schedules have set of the size of what stands, beside what its template says: ``sizes.json``.

A deployment and the clock both write it, in turns; a person reads it in ``make status``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from containers.checkout import Context
from rehearsal.fargate.desired.backing_servers import Capacity
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.scheduled_size import ServiceSize, Setting, Sized
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.plan.scheduled_call import resized, standing
from rehearsal.fargate.stand import shared_file
from rehearsal.fargate.task.names import digest, fingerprint
from rehearsal.values.rehearsed_time import now


@dataclass(frozen=True)
class Size:
    """What stands of one resource.

    ``since`` is when its schedules and the template's own size, of which ``registered`` is a digest, were first
    deployed; ``at`` is when the call was due that has set it, None where the template has; ``words`` say what is set,
    ``operation`` and ``request`` by which call.
    """

    registered: str
    since: float
    at: float | None = None
    words: str = ""
    operation: str = ""
    request: str = ""


def kept(folder: Path) -> dict[str, Size]:
    """Return what is known of all stacks' resources, as the rehearsal's own ``folder`` has it."""
    try:
        found = json.loads((folder / "sizes.json").read_text())
    except FileNotFoundError:
        return {}
    return {name: Size(**each) for name, each in found.items()}


def changing(folder: Path) -> AbstractContextManager[dict[str, Size]]:
    """Give all of it, to be changed in place: written at once, while no other process changes it."""
    return shared_file.changing(
        folder / "sizes.json", lambda: kept(folder), lambda found: {name: asdict(each) for name, each in found.items()}
    )


def deployed(ctx: Context, stack: str, sizes: Sequence[Sized], services: Sequence[Service]) -> tuple[Service, ...]:
    """Note what schedules may set in a stack; return its services of what is set of them now.

    CloudFormation sets what a template says where that has changed: then the next call is waited for.
    """
    if not sizes and not any(name.startswith(f"{stack}/") for name in kept(ctx.state)):
        return tuple(services)
    current = now(ctx.state)
    with changing(ctx.state) as file:
        before = {name: each for name, each in file.items() if name.startswith(f"{stack}/")}
        for name in before:
            del file[name]
        for size in sizes:
            registered, entry = _registered(size), before.get(str(size.resource))
            kept_on = entry is not None and entry.registered == registered
            file[str(size.resource)] = entry if entry and kept_on else Size(registered, current)
    return as_set(ctx.state, sizes, services)


def as_set(folder: Path, sizes: Sequence[Sized], services: Sequence[Service]) -> tuple[Service, ...]:
    """Return services of what the clock has set of them."""
    return resized(services, _settings(folder, sizes))


def capacities(folder: Path, sizes: Sequence[Sized]) -> dict[Key, Capacity]:
    """Return what stands of each database that schedules set something of: by the clock, or else by the template."""
    settings = _settings(folder, sizes)
    found = {size.resource: settings.get(str(size.resource), size.template) for size in sizes}
    return {key: setting for key, setting in found.items() if isinstance(setting, Capacity)}


def _settings(folder: Path, sizes: Sequence[Sized]) -> dict[str, Setting]:
    """Return what the clock has set, by resource."""
    file = kept(folder)
    return {
        str(size.resource): standing(size, entry.since, entry.at)[0]
        for size in sizes
        if (entry := file.get(str(size.resource))) and entry.at is not None
    }


def _registered(size: Sized) -> str:
    settings = [size.template, *(each.setting for each in size.calls)]
    # A task holds secrets, which no file of this folder shall hold.
    parts = [fingerprint(each.task) if isinstance(each, ServiceSize) and each.task else repr(each) for each in settings]
    return digest([parts, [(str(each.key), repr(each.timetable), each.request) for each in size.calls]], 16)
