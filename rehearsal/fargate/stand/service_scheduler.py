"""ECS's service scheduler: it keeps a service at its number of tasks, and replaces those that have ended.

From "Amazon ECS services": where a task fails or stops, the scheduler launches another to keep the desired number. It
also replaces a task that is unhealthy; here that is told alone (``target_falls``), because whoever makes the load
shares its processors with the tasks, and a check that fails for want of them says nothing of the site.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from containers.cgroups import ControlGroups
from containers.client import Client
from containers.errors import EngineError
from containers.file_lock import Held, file_lock
from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.scheduled_size import Sized
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.stand import ended_tasks, scaling_state
from rehearsal.fargate.stand.background import Background
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.ended_tasks import Ended
from rehearsal.fargate.stand.rollout import ROLLING, Rollout
from rehearsal.fargate.stand.sizes import as_set
from rehearsal.fargate.task.task import Task, tasks

# Seconds between two looks. What failed is tried again then, and each time after twice as long, as ECS does.
_EVERY = 2.0
# Of many tasks the engine is asked more rarely: a look may take this part of the time.
_SHARE = 0.05
_AT_LAST_EVERY = 60.0


class ServiceScheduler:
    """What ECS does for one service between two deployments."""

    def __init__(
        self,
        client: Client,
        groups: ControlGroups,
        service: Service,
        balancers: Sequence[LoadBalancer],
        *,
        sized: Sequence[Sized],
    ) -> None:
        self._client, self._groups, self._service, self._sized = client, groups, service, sized
        self._balancers = [Balancer(client, plan) for plan in balancers]
        self.work = Background()
        self._due = 0.0
        self._failures = 0

    def look(self) -> None:
        """Begin to put a task in the place of each that is missing; asks the engine at most each two seconds."""
        began = time.monotonic()
        if began < self._due or self.work.busy:
            return
        reasons = self._reasons(self._tasks())
        ended = time.monotonic()
        self._due = ended + max(_EVERY, (ended - began) / _SHARE)
        if reasons:
            self.work.begin(self._act)

    def _tasks(self) -> list[Task]:
        return [task for task in tasks(self._client, str(self._service.key)) if task.in_service]

    def _wanted(self) -> Service:
        """Return the service with as many tasks as it has by its template, its schedules and what scales it."""
        state = self._client.ctx.state
        [service] = as_set(state, self._sized, [self._service])
        scaled = scaling_state.kept(state).services.get(str(service.key))
        return replace(service, count=scaled.count) if scaled else service

    def _reasons(self, found: Sequence[Task]) -> list[str]:
        """Return why tasks are missing, a sentence for each; nothing where none is."""
        reasons = [f"task {task.short}: {task.ended}" for task in found if task.ended]
        missing = self._wanted().count - len(found)
        return reasons + [f"{len(found)} of {len(found) + missing} tasks are there"] * (missing > 0)

    def _act(self) -> None:
        say, what = self._client.ctx.say, f"service {self._service.key.short}"
        began, reasons = time.time(), list[str]()
        try:
            with file_lock(self._client.ctx.state / ROLLING):
                found = self._tasks()
                reasons = self._reasons(found)
                rollout = Rollout(self._client, self._groups, self._balancers, self._wanted(), ())
                # What a deployment left that was killed is the next one's to bring to one version.
                if not reasons or any(task.revision != rollout.revision for task in found):
                    return
                say(f"{what}: {'; '.join(reasons)}")
                rollout.replace({task.name for task in found if task.ended})
            outcome, self._failures = "replaced", 0
        except Held:
            return  # a deployment is under way, which replaces it, or the number of tasks is being changed
        except Exception as error:  # noqa: BLE001 - told, and tried again; the clock goes on
            self._failures += 1
            self._due = time.monotonic() + min(_EVERY * 2**self._failures, _AT_LAST_EVERY)
            outcome = f"not replaced: {getattr(error, 'message', None) or f'{type(error).__name__}: {error}'}"
            if isinstance(error, EngineError) and self._failures == 1:
                # Whoever kills a task may still be taking its containers away: the next look knows.
                say(f"{what}: {outcome}")
                return
        with ended_tasks.changing(self._client.ctx.state) as noted:
            noted.append(Ended(began, str(self._service.key), "; ".join(reasons), outcome))
        say(f"{what}: {outcome}")
