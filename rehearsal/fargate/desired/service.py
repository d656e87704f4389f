"""What runs tasks: a service, a schedule, a call of somebody's."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.fargate.desired.balancer import TargetGroup
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.task import TaskDefinition
from rehearsal.fargate.desired.timetable import Timetable


@dataclass(frozen=True)
class Target:
    """Where a service's tasks are registered: a port of one of its containers in a target group."""

    group: TargetGroup
    container: str
    port: int


@dataclass(frozen=True)
class Service:
    """An ECS service as it shall run. ``network`` names the VPC; ``grace_period`` in seconds.

    ``failure_threshold`` is after how many failed tasks a deployment fails; a healthy one sets their count to 0 where
    ``failures_reset``. ``alarms`` are the names of those that fail a deployment when they ring.
    """

    key: Key
    network: str
    task: TaskDefinition
    count: int
    minimum_percent: int
    maximum_percent: int
    circuit_breaker: bool
    rollback: bool
    failure_threshold: int
    failures_reset: bool
    grace_period: int
    targets: tuple[Target, ...]
    alarms: tuple[str, ...]
    alarm_rollback: bool

    @property
    def patience(self) -> int:
        """Seconds after which a task is replaced that has passed no check of a target group since its containers run.

        Checks begin then, and the grace period with them: what is unhealthy when it ends is not heeded later still.
        """
        return max(self.grace_period, *(t.group.unhealthy_threshold * t.group.interval for t in self.targets), 0)


@dataclass(frozen=True)
class Schedule:
    """A task that is started again and again, as its timetable says. ``network`` names the VPC."""

    key: Key
    network: str
    task: TaskDefinition
    timetable: Timetable
    # Nobody sends requests to such a task.
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Run:
    """A task that is run once, until somebody stops it. ``network`` names the VPC."""

    key: Key
    network: str
    task: TaskDefinition
    # Nobody sends requests to such a task.
    targets: tuple[Target, ...] = ()
