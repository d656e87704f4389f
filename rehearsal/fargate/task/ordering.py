"""Which containers of a task start next, and whether it has failed: the order that ECS keeps, as a pure decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rehearsal.fargate.desired.task import Condition, Container


class Health(Enum):
    """A container's health as ECS tells it."""

    UNKNOWN = auto()
    HEALTHY = auto()
    UNHEALTHY = auto()


@dataclass(frozen=True)
class Observed:
    """A started container as it is now. ``exit_code`` is None while it runs; ``waited`` is seconds since it started."""

    exit_code: int | None
    health: Health
    waited: float
    detail: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a task failed, and the container whose log tells more. ``patience_spent``: a time limit ran out."""

    container: str
    reason: str
    patience_spent: bool = False


@dataclass(frozen=True)
class Next:
    """Containers that may start now; ``steady`` when all are started and every essential one is as it should be."""

    start: tuple[str, ...]
    steady: bool


def next_step(
    containers: Sequence[Container], observed: Mapping[str, Observed], *, of_service: bool = True
) -> Next | Failure:
    """Return what ECS would do with a task whose started containers look like ``observed``.

    A task that is not ``of_service`` goes on whatever its health checks say: only what waits for them heeds them.
    """
    failure = _failure(containers, observed, of_service=of_service)
    if failure:
        return failure
    start = tuple(
        c.name for c in containers if c.name not in observed and all(_reached(observed, *d) for d in c.depends_on)
    )
    steady = all(
        c.name in observed and (not c.essential or _serving(c, observed[c.name], heeded=of_service)) for c in containers
    )
    return Next(start, steady)


def _serving(container: Container, observed: Observed, *, heeded: bool) -> bool:
    well = container.health is None or observed.health is Health.HEALTHY or not heeded
    return observed.exit_code is None and well


def _reached(observed: Mapping[str, Observed], name: str, condition: Condition) -> bool:
    target = observed.get(name)
    if target is None:
        return False
    match condition:
        case Condition.START:
            return True
        case Condition.COMPLETE:
            return target.exit_code is not None
        case Condition.SUCCESS:
            return target.exit_code == 0
        case Condition.HEALTHY:
            return target.exit_code is None and target.health is Health.HEALTHY


def _failure(containers: Sequence[Container], observed: Mapping[str, Observed], *, of_service: bool) -> Failure | None:
    waiting_for = {d for c in containers if c.name not in observed for d in c.depends_on}
    for container in containers:
        now = observed.get(container.name)
        if now is None:
            continue
        if container.essential and now.exit_code is not None:
            return Failure(container.name, f"essential container {container.name} ended with exit code {now.exit_code}")
        if of_service and container.essential and now.health is Health.UNHEALTHY:
            return Failure(
                container.name, f"container {container.name} is unhealthy: {now.detail or 'its check fails'}", True
            )
        for name, condition in waiting_for:
            if name == container.name and (reason := _hopeless(container, now, condition)):
                return reason
    return None


def _hopeless(container: Container, now: Observed, condition: Condition) -> Failure | None:
    """Return why others that wait for ``container`` to reach ``condition`` wait in vain; None while there is hope."""
    name = container.name
    if condition is Condition.SUCCESS and now.exit_code not in (None, 0):
        return Failure(name, f"dependency {name} ended with exit code {now.exit_code}, and SUCCESS was waited for")
    if condition is Condition.HEALTHY and now.exit_code is not None:
        return Failure(name, f"dependency {name} ended with exit code {now.exit_code}, and HEALTHY was waited for")
    if condition is Condition.HEALTHY and now.health is Health.UNHEALTHY:
        return Failure(name, f"dependency {name} is unhealthy: {now.detail or 'its check fails'}", True)
    if not _reached({name: now}, name, condition) and now.waited > container.start_timeout:
        return Failure(name, f"dependency {name} did not reach {condition} within {container.start_timeout} s", True)
    return None
