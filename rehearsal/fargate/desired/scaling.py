"""What drives the number of a service's tasks."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.timetable import Timetable


@dataclass(frozen=True)
class ScheduledAction:
    """New bounds of a number of tasks, from a moment on; what is None stays."""

    name: str
    timetable: Timetable
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True)
class TargetTracking:
    """A policy that keeps a metric at its ``target``; cooldowns in seconds.

    ``high`` and ``low`` are the alarms that Application Auto Scaling makes for it.
    """

    name: str
    target: float
    high: Alarm
    low: Alarm
    scales_in: bool
    out_cooldown: int
    in_cooldown: int


@dataclass(frozen=True)
class Scaling:
    """What drives the number of a service's tasks.

    ``desired`` is what the template says of that number. ``suspended`` names the kinds of scaling that are;
    ``unscaled`` the policies that change nothing here, each with the reason.
    """

    key: Key
    service: Key
    desired: int | None
    minimum: int
    maximum: int
    actions: tuple[ScheduledAction, ...]
    policies: tuple[TargetTracking, ...]
    suspended: frozenset[str]
    unscaled: tuple[tuple[str, str], ...]
