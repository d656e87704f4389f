"""How many tasks each scaled service has, between which bounds, and what was done to it: ``scaling.json``.

A deployment and the clock both write it, in turns; a person reads it in ``make status``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from containers.checkout import Context
from rehearsal.fargate.desired.scaling import Scaling
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.plan.target_tracking import bounds, carried, survives
from rehearsal.fargate.stand import shared_file
from rehearsal.fargate.stand.machine import this_machine
from rehearsal.fargate.task.names import digest
from rehearsal.values.rehearsed_time import now

# What is remembered of what was done.
_ACTIVITIES = 50


@dataclass(frozen=True)
class Scaled:
    """One service: its number of tasks, and what the template said of that when it was deployed last.

    ``since`` is when its bounds and actions, of which ``registered`` is a digest, were first deployed; ``short`` says
    why fewer run than are wanted; ``unscaled`` are the policies that change nothing here, with the reasons.
    """

    service: str
    scalable_target: str
    count: int
    desired: int | None
    registered: str
    since: float
    minimum: int
    maximum: int
    short: str = ""
    unscaled: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Activity:
    """A change of a number of tasks: when by the rehearsal's clock, why, and what came of it."""

    at: float
    service: str
    before: int
    after: int
    cause: str
    outcome: str


@dataclass
class Kept:
    """The contents of the file."""

    services: dict[str, Scaled] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)

    def note(self, activity: Activity) -> None:
        """Remember what was done."""
        self.activities = [*self.activities, activity][-_ACTIVITIES:]


def kept(folder: Path) -> Kept:
    """Return what is known of all stacks' services, as the rehearsal's own ``folder`` has it."""
    try:
        found = json.loads((folder / "scaling.json").read_text())
    except FileNotFoundError:
        return Kept()
    services = {
        name: Scaled(**{**each, "unscaled": tuple((policy, reason) for policy, reason in each["unscaled"])})
        for name, each in found["services"].items()
    }
    return Kept(services, [Activity(**each) for each in found["activities"]])


def changing(folder: Path) -> AbstractContextManager[Kept]:
    """Give all of it, to be changed in place: written at once, while no other process changes it."""
    return shared_file.changing(folder / "scaling.json", lambda: kept(folder), asdict)


def deployed(ctx: Context, stack: str, services: Sequence[Service], scalings: Sequence[Scaling]) -> tuple[Service, ...]:
    """Note what scales the services of a stack; return them with as many tasks as each has from now on."""
    if not scalings and not any(name.startswith(f"{stack}/") for name in kept(ctx.state).services):
        return tuple(services)
    current, found = now(ctx.state), {each.service: each for each in scalings}
    with changing(ctx.state) as file:
        before = {name: each for name, each in file.services.items() if name.startswith(f"{stack}/")}
        for name in before:
            del file.services[name]
        for service in services:
            if scaling := found.get(service.key):
                entry = _entry(scaling, service, before.get(str(service.key)), current)
                file.services[entry.service] = entry
        entries = file.services
        return tuple(
            replace(each, count=entries[str(each.key)].count) if str(each.key) in entries else each for each in services
        )


def _entry(scaling: Scaling, service: Service, before: Scaled | None, current: float) -> Scaled:
    registered = digest([scaling.minimum, scaling.maximum, [repr(each) for each in scaling.actions]], 16)
    since = before.since if before and before.registered == registered else current
    limits = bounds(scaling, since, current)
    count, desired = (before.count, before.desired) if before else (None, None)
    kept_count = survives(scaling, service.count, count, desired, limits)
    # What the template starts with, and what ran before, is started in any case; a scheduled minimum as far as it goes.
    possible = carried(
        kept_count, max(service.count, count or 0), service.task.cpu_units, service.task.memory_mib, this_machine()
    )
    return Scaled(
        service=str(service.key),
        scalable_target=str(scaling.key),
        count=possible.count,
        desired=scaling.desired,
        registered=registered,
        since=since,
        minimum=limits.minimum,
        maximum=limits.maximum,
        short=possible.cause,
        unscaled=scaling.unscaled,
    )
