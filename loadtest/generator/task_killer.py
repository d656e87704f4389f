"""The loss of a task at the opening: ECS is asked to stop one, and watched until as many are healthy again.

ECS stops a task as it stops any: its containers get their stop signal, its target leaves the load balancer, and the
service starts another. It needs the rights to list and describe the service's tasks and to stop one.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from loadtest.crowd.storm_clock import StormClock
from loadtest.record.record import KilledTask
from loadtest.request.target import Service, open_session

# Tasks that one call describes, at most.
AT_ONCE: Final = 100
LOOK_EVERY: Final = 1.0
# Seconds after the opening at which the stop is late: the crowd that it should have met is through by then.
LATE: Final = 2.0
# Seconds that a service gets to be whole again before the storm no longer waits to tell.
WHOLE_WITHIN: Final = 300.0

log = logging.getLogger(__name__)


class KillFailed(Exception):
    """No task could be stopped as it was asked for; the message says why."""


class TaskKiller:
    """Stops one of a service's tasks, once. Raise KillFailed where ECS does not tell of two healthy ones."""

    def __init__(self, service: Service) -> None:
        patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
        self._service = service
        try:
            self._ecs: Any = open_session(service.region, service.role).client("ecs", config=patience)
        except (BotoCoreError, ClientError) as error:
            raise KillFailed(f"a task was to be stopped at the opening: {error}") from error
        healthy = self._healthy()
        if len(healthy) < 2:
            raise KillFailed(
                f"a task of {service.name} was to be stopped at the opening, and {len(healthy)} of it "
                f"{'is' if len(healthy) == 1 else 'are'} healthy: with fewer than 2, nobody would be left to serve"
            )
        self._task, self._before = healthy[0], len(healthy)

    def strike(self, clock: StormClock) -> KilledTask:
        """Wait for the opening, and stop the task. Raise KillFailed."""
        clock.sleep(max(0.0, -clock()))
        self._ask("stop_task", task=self._task, reason="the storm stops a task at the opening")
        killed = KilledTask(task=self._task, at=clock(), healthy=self._before)
        if killed.at > LATE:
            raise KillFailed(f"a task was stopped {killed.at:.1f} s after the opening, which is too late to matter")
        return killed

    def watch(self, killed: KilledTask, clock: StormClock) -> None:
        """Note how many seconds after the stop as many tasks as before were healthy; give up after a while."""
        while killed.whole_after is None and clock() < killed.at + WHOLE_WITHIN:
            clock.sleep(LOOK_EVERY)
            try:
                healthy = self._healthy()
            except KillFailed as error:
                log.warning("%s", error)
                continue
            if len(healthy) >= self._before and self._task not in healthy:
                killed.whole_after = clock() - killed.at

    def _healthy(self) -> list[str]:
        listed = self._ask("list_tasks", serviceName=self._service.name)["taskArns"]
        tasks = self._ask("describe_tasks", tasks=listed[:AT_ONCE])["tasks"] if listed else []
        return sorted(
            task["taskArn"] for task in tasks if task["lastStatus"] == "RUNNING" and task["healthStatus"] == "HEALTHY"
        )

    def _ask(self, call: str, **arguments: Any) -> Any:
        try:
            return getattr(self._ecs, call)(cluster=self._service.cluster, **arguments)
        except (BotoCoreError, ClientError) as error:
            raise KillFailed(f"a task was to be stopped at the opening: {error}") from error
