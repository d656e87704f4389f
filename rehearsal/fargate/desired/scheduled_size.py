"""What schedules set, and what the template says of the same."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.fargate.desired.backing_servers import Capacity
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.task import TaskDefinition
from rehearsal.fargate.desired.timetable import Timetable


@dataclass(frozen=True)
class Units:
    """The capacity units that are reserved of a load balancer; None: none are."""

    reserved: int | None


@dataclass(frozen=True)
class ServiceSize:
    """What a service's tasks are made of, and how many there are; what is None is left as it is."""

    task: TaskDefinition | None
    count: int | None


Setting = Capacity | Units | ServiceSize


@dataclass(frozen=True)
class ScheduledCall:
    """A call of AWS's API that a schedule makes, as ``service:action`` with its ``request``, and what that sets."""

    key: Key
    timetable: Timetable
    operation: str
    request: str
    setting: Setting


@dataclass(frozen=True)
class Sized:
    """A resource of which schedules set something, and what the template says of the same."""

    resource: Key
    template: Setting
    calls: tuple[ScheduledCall, ...]
