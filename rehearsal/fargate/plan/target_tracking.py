"""How many tasks a service should have: Application Auto Scaling's rules, as far as AWS tells them.

From "How target tracking scaling for Application Auto Scaling works" and, in the ECS guide, "Target tracking scaling
policies": scaling out is proportional to the metric and rounds up; scaling in is "more gradual", by how much no page
says: here it is one task at a time, and never to where the metric would be above its target again. The policy that asks
for most wins; in goes what all policies that may scale in agree on. Without data nothing is done.
Moments and cooldowns are seconds; the former since the epoch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rehearsal.fargate.desired.alarm_state import State
from rehearsal.fargate.desired.scaling import Scaling, TargetTracking


@dataclass(frozen=True)
class Bounds:
    """The fewest and the most tasks at a moment, and what has set each last."""

    minimum: int
    maximum: int
    by: str = "the template"


@dataclass(frozen=True)
class Reading:
    """A policy's metric as it is now: the newest data point, None where there is none, and its alarms."""

    policy: TargetTracking
    value: float | None
    high: State
    low: State


@dataclass(frozen=True)
class Cooldown:
    """When a policy last added tasks and last took some away, and for how many seconds it waits then.

    ``base`` is how many there were before they were added.
    """

    out_at: float | None = None
    out_seconds: int = 0
    base: int = 0
    in_at: float | None = None
    in_seconds: int = 0

    def out(self, now: float) -> bool:
        """Return whether an addition cools down."""
        return _within(self.out_at, self.out_seconds, now)

    def inward(self, now: float) -> bool:
        """Return whether it is too early to take tasks away again."""
        return _within(self.in_at, self.in_seconds, now)


@dataclass(frozen=True)
class Decision:
    """How many tasks there should be, why, and by which policy where by one."""

    count: int
    cause: str
    policy: TargetTracking | None = None


def cooled(cooldown: Cooldown, decision: Decision, count: int, now: float) -> Cooldown:
    """Return the cooldown after a decision on ``count`` tasks has been carried out.

    A scale-in that cools down stops doing so when tasks are added.
    """
    if decision.policy is None:
        return cooldown
    if decision.count > count:
        base = cooldown.base if cooldown.out(now) else count
        return Cooldown(now, decision.policy.out_cooldown, base)
    return replace(cooldown, in_at=now, in_seconds=decision.policy.in_cooldown)


def bounds(scaling: Scaling, since: float, now: float) -> Bounds:
    """Return the bounds now of a target that was registered at ``since``, in the order in which actions fired.

    A clock that is put back undoes what it has not yet come to.
    """
    found = Bounds(scaling.minimum, scaling.maximum)
    if "ScheduledScalingSuspended" in scaling.suspended:
        return found
    fired = [(at, each) for each in scaling.actions if (at := each.timetable.last_until(now, since)) is not None]
    for _, action in sorted(fired, key=lambda each: each[0]):
        minimum = found.minimum if action.minimum is None else action.minimum
        maximum = found.maximum if action.maximum is None else action.maximum
        # RegisterScalableTarget takes no minimum above the maximum: such an action fails, and the bounds stay.
        if minimum <= maximum:
            found = Bounds(minimum, maximum, f"the scheduled action {action.name}")
    return found


def survives(scaling: Scaling, planned: int, count: int | None, desired: int | None, limits: Bounds) -> int:
    """Return with how many tasks a deployment goes on, ``count`` being how many were wanted before it.

    CloudFormation sets a service's number when the template's own has changed, from ``desired``; where the template has
    none, or the same, it leaves the number alone, and bounds hold it.
    """
    kept = planned if count is None or scaling.desired not in (None, desired) else count
    return min(max(kept, limits.minimum), max(limits.maximum, limits.minimum))


def decide(
    scaling: Scaling, count: int, limits: Bounds, *, readings: Sequence[Reading], cooldown: Cooldown, now: float
) -> Decision | None:  # fmt: skip
    """Return how many of ``count`` tasks there should be; None where that is as many as there are."""
    if count < limits.minimum:
        return Decision(limits.minimum, f"the minimum is {limits.minimum}, by {limits.by}")
    if count > limits.maximum:
        return Decision(limits.maximum, f"the maximum is {limits.maximum}, by {limits.by}")
    outward = list(_outward(count, readings, cooldown, now))
    if outward:
        most = max(outward, key=lambda each: each.count)
        most = replace(most, count=min(most.count, limits.maximum))
        return most if most.count > count and "DynamicScalingOutSuspended" not in scaling.suspended else None
    if "DynamicScalingInSuspended" in scaling.suspended:
        return None
    fewer = _inward(count, readings, cooldown, now)
    if fewer is not None and max(fewer.count, limits.minimum) < count:
        return replace(fewer, count=max(fewer.count, limits.minimum))
    return None


def _outward(count: int, readings: Iterable[Reading], cooldown: Cooldown, now: float) -> Iterator[Decision]:
    for each in readings:
        if each.high is not State.ALARM or each.value is None:
            continue
        # What an addition that still cools down has added counts as part of what this one adds.
        wanted = math.ceil((cooldown.base if cooldown.out(now) else count) * each.value / each.policy.target)
        cause = f"{each.policy.name}: {each.value:g} is above its target of {each.policy.target:g}"
        yield Decision(wanted, cause, each.policy)


def _inward(count: int, readings: Sequence[Reading], cooldown: Cooldown, now: float) -> Decision | None:
    ready = [each for each in readings if each.policy.scales_in]
    if not ready or any(each.low is not State.ALARM or each.value is None for each in ready) or cooldown.inward(now):
        return None
    # Of the policies that agree the one that keeps most decides.
    kept = max(math.ceil(count * (each.value or 0) / each.policy.target) for each in ready)
    causes = (
        f"{each.policy.name}: {each.value:g} is below 90 % of its target {each.policy.target:g}" for each in ready
    )
    slowest = max((each.policy for each in ready), key=lambda policy: policy.in_cooldown)
    return Decision(max(count - 1, kept), "; ".join(causes), slowest)


def _within(moment: float | None, seconds: int, now: float) -> bool:
    """Return whether something cools down; a moment that a clock put back has not come to does not count."""
    return moment is not None and moment <= now < moment + seconds


@dataclass(frozen=True)
class Machine:
    """What a machine has: cores, and memory that is free now, in MiB."""

    cores: int
    free_mib: int


# A task at rest takes little of a core, and one that works shares it: more tasks than this for each core carry no more.
_VCPU_PER_CORE = 4
# Left to the machine itself, in MiB.
_KEPT_FREE = 512


def carried(wanted: int, running: int, cpu_units: int, memory_mib: int, machine: Machine) -> Decision:
    """Return how many of the wanted tasks a machine carries beside what runs, and why not all of them.

    ``cpu_units`` (1024 a vCPU) and ``memory_mib`` are one task's. What runs already is never taken away.
    """
    by_cores = max(running, machine.cores * _VCPU_PER_CORE * 1024 // cpu_units)
    by_memory = running + max(0, (machine.free_mib - _KEPT_FREE) // memory_mib)
    if wanted <= min(by_cores, by_memory):
        return Decision(wanted, "")
    if by_memory < by_cores:
        return Decision(
            by_memory,
            f"{wanted} tasks are wanted, and this machine has {machine.free_mib} MiB free: each may take {memory_mib}, "
            f"and {_KEPT_FREE} stay free",
        )
    return Decision(
        by_cores,
        f"{wanted} tasks of {cpu_units / 1024:g} vCPU are wanted, and this machine has {machine.cores} cores, "
        f"which carry {machine.cores * _VCPU_PER_CORE} vCPU",
    )
