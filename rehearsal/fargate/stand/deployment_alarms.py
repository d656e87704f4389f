"""The alarms that fail a deployment when one begins to ring while it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from containers.checkout import Context
from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.data_points import SAMPLED_EVERY
from rehearsal.fargate.stand.alarm_watch import AlarmState, states
from rehearsal.fargate.stand.clock_orders import watched
from rehearsal.fargate.task.attempt import TaskFailed


class AlarmRang(TaskFailed):
    """New tasks run, and one of the deployment's alarms has begun to ring."""

    def __init__(self, alarm: AlarmState) -> None:
        super().__init__(f"the deployment alarm {alarm.name} rings: {alarm.reason}", "", patience_spent=True)


class DeploymentAlarms:
    """The deployment alarms of a service, as the clock of its stack's latest deployment watches them.

    From "How CloudWatch alarms detect Amazon ECS deployment failures": where one rings already when a deployment
    begins, ECS ignores all of them while it lasts, so that it can mend what rings.
    """

    def __init__(self, ctx: Context, alarms: Sequence[Alarm]) -> None:
        self._ctx, self._alarms = ctx, {str(alarm.key): alarm for alarm in alarms}

    def begin(self) -> list[str]:
        """Leave out what no clock watches: before the first deployment's end, that is all of them.

        Return the names of those that ring already; then none is heeded.
        """
        under_watch = watched(self._ctx)
        self._alarms = {resource: alarm for resource, alarm in self._alarms.items() if resource in under_watch}
        ringing = [each.name for each in states(self._ctx.state) if each.rings and each.resource in self._alarms]
        if ringing:
            self._alarms = {}
        return ringing

    def seconds(self, bound: int) -> int:
        """Return how long the slowest of those that can ring within a bound needs to: 0 where none can."""
        return max((each for each in map(_seconds, self._alarms.values()) if each <= bound), default=0)

    def later_than(self, bound: int) -> list[str]:
        """Return the names of those that cannot ring within a bound of seconds."""
        return sorted(alarm.name for alarm in self._alarms.values() if _seconds(alarm) > bound)

    def ringing(self) -> AlarmState | None:
        """Return one that rings."""
        return next((each for each in states(self._ctx.state) if each.rings and each.resource in self._alarms), None)


def _seconds(alarm: Alarm) -> int:
    """Return how long an alarm needs to ring: its data points, the rest of a period under way, and a sample."""
    return alarm.period * (alarm.to_alarm + 1) + SAMPLED_EVERY
