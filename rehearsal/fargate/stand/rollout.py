"""Rolling deployment as ECS makes it: new tasks beside the old ones, which are drained when the new ones serve."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from containers.cgroups import ControlGroups
from containers.client import Client
from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.desired.service import Service, Target
from rehearsal.fargate.plan.load_balancer import forwards
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.deployment_alarms import AlarmRang, DeploymentAlarms
from rehearsal.fargate.stand.machine import this_machine
from rehearsal.fargate.task.attempt import TaskFailed, log_tail
from rehearsal.fargate.task.launch import Launcher
from rehearsal.fargate.task.task import Task, discard, put_in_service, serving, stop, tasks

# Held by whoever changes which tasks run: a deployment, one scaling activity, or a scheduled call.
ROLLING = "rolling.lock"
_POLL = 0.2
# Seconds for which a deployment is watched after its new tasks have taken over. ECS takes as long as its alarms need to
# ring, minutes for most; a rehearsal waits only for those that can ring within this.
_BAKED_AT_MOST = 30


@dataclass(frozen=True)
class Moves:
    """What a rolling deployment may do next: start new tasks, or stop old ones first."""

    start: int
    stop: int


def moves(*, count: int, new: int, old: int, minimum_percent: int, maximum_percent: int) -> Moves:
    """Return how many tasks ECS would start or stop now, given how many new and old ones serve.

    New tasks may be started as long as all together stay within the maximum (rounded down); otherwise old ones may be
    stopped as long as those that serve stay at the minimum (rounded up).
    """
    room = math.floor(count * maximum_percent / 100) - new - old
    start = max(0, min(count - new, room))
    spare = new + old - math.ceil(count * minimum_percent / 100)
    return Moves(start, 0 if start or new >= count else max(0, min(old, spare)))


def side_by_side(cpu_units: int, cores: int) -> int:
    """Return how many tasks of so many CPU units (1024 a vCPU) a machine starts at a time.

    As many as it gives all that they may take, and one that waits for something: more of them would share the machine
    with the calls by which each is looked after, and none would be ready sooner.
    """
    return max(2, cores * 1024 // cpu_units + 1)


class Rollout:
    """One deployment of one service."""

    def __init__(
        self,
        client: Client,
        groups: ControlGroups,
        balancers: Sequence[Balancer],
        service: Service,
        alarms: Sequence[Alarm],
    ) -> None:
        self._client, self._groups, self._service = client, groups, service
        self._balancers = balancers
        self._launcher = Launcher(client, groups, service)
        self._cancelled = threading.Event()
        self._entering = threading.Lock()
        self._entered: list[Task] = []
        self._ready: list[Task] = []
        self._what = f"service {service.key.short}"
        self._alarms = DeploymentAlarms(client.ctx, [each for each in alarms if each.name in service.alarms])

    @property
    def revision(self) -> str:
        """What the tasks are of that it starts."""
        return self._launcher.revision

    def run(self) -> None:
        """Bring the service to its plan. Raise DeploymentFailed when new tasks fail; what served before serves on."""
        service, say = self._service, self._client.ctx.say
        self._launcher.prepare()
        if ringing := self._alarms.begin():
            say(f"{self._what}: {', '.join(ringing)} rings already: ECS heeds no alarm in this deployment")
        existing = tasks(self._client, str(service.key))
        for leftover in (t for t in existing if not t.in_service):
            discard(self._client, self._groups, leftover.name)
        serving = [t for t in existing if t.in_service]
        new = [t for t in serving if t.revision == self._launcher.revision and self._fit(t)]
        surplus = new[service.count :]
        new = new[: service.count]
        old = [t for t in serving if t not in new]
        if len(new) == service.count and new:
            say(f"{self._what}: {_tasks(len(new))} unchanged, reused")
        try:
            old = self._roll(new, [t for t in old if t not in surplus]) + surplus
            self._take_over(old)
        except TaskFailed as failure:
            self._take_back(old)
            self._retire(self._entered)
            raise self._failure(failure, old) from None
        except BaseException:
            self._cancelled.set()
            self._take_back(old)
            self._retire(self._entered)
            raise
        self._stop(old)

    def replace(self, names: Collection[str]) -> None:
        """Take tasks out of service and away, and start what is missing then.

        Raise DeploymentFailed when new tasks fail; those that came before serve.
        """
        self._launcher.prepare()
        found = tasks(self._client, str(self._service.key))
        self._retire([task for task in found if task.name in names])
        try:
            self._roll([task for task in found if task.in_service and task.name not in names], [])
        except TaskFailed as failure:
            logs = f". Logs: {failure.logs}" if failure.logs else ""
            raise DeploymentFailed(f"{self._what}: {failure.reason}{logs}", failure.log_tail) from None
        except BaseException:
            self._cancelled.set()
            raise

    def _take_over(self, old: Sequence[Task]) -> None:
        """Leave all requests to the new tasks, and watch the alarms while the old ones stand by."""
        self._drain_all(old)
        if not self._entered:
            return
        seconds = self._alarms.seconds(_BAKED_AT_MOST)
        if late := self._alarms.later_than(_BAKED_AT_MOST):
            self._client.ctx.say(
                f"{self._what}: ECS would watch {', '.join(late)} for as long as they need to ring; the rehearsal "
                f"waits {_BAKED_AT_MOST} s at most, and tells later if they do"
            )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._heed_alarms()
            time.sleep(_POLL)
        self._heed_alarms()

    def _take_back(self, old: Sequence[Task]) -> None:
        """Put the old tasks that were only standing by in service again."""
        standing = [t for t in tasks(self._client, str(self._service.key)) if t.name in {o.name for o in old}]
        idle = [t for t in standing if t.well and not t.in_service]
        if idle:
            put_in_service(self._client, idle, on=True)
            self._update_balancers()

    def _heed_alarms(self) -> None:
        if self._entered and (rings := self._alarms.ringing()):
            raise AlarmRang(rings)

    def _fit(self, task: Task) -> bool:
        """Return whether a running task may stay: its containers are well, and its target groups' checks pass."""
        return task.well and self._unfit_targets(task) is None

    def _roll(self, new: list[Task], old: list[Task]) -> list[Task]:
        """Start what is missing; return the old tasks that are left to retire."""
        service, failures = self._service, 0
        while len(new) < service.count:
            self._heed_alarms()
            step = moves(
                count=service.count,
                new=len(new),
                old=len(old),
                minimum_percent=service.minimum_percent,
                maximum_percent=service.maximum_percent,
            )
            if not step.start:
                going = [t for t in old if not t.well] or old[: step.stop]
                self._retire(going)
                old = [t for t in old if t not in going]
                continue
            outcomes = self._start(step.start, len(new), service.failure_threshold - failures)
            started = [o for o in outcomes if isinstance(o, Task)]
            new += started
            if started and service.failures_reset:
                failures = 0
            for failed in (o for o in outcomes if isinstance(o, TaskFailed)):
                failures += 1
                if failed.patience_spent or failures >= service.failure_threshold:
                    raise failed
                self._client.ctx.say(f"{self._what}: a task failed ({failed.reason}); another is started")
        return old

    def _start(self, number: int, have: int, bearable: int) -> list[Task | TaskFailed]:
        """Start tasks, some side by side; each is in service, or has failed and is gone, when this returns.

        After so many failures as are not ``bearable``, or after one whose patience is spent, no other is begun; what
        was not begun is in no outcome, and no failure.
        """
        names = [self._launcher.new_name() for _ in range(number)]
        failures: list[TaskFailed] = []

        def launched(name: str, index: int) -> Task | TaskFailed | None:
            if len(failures) >= bearable or any(each.patience_spent for each in failures):
                return None
            outcome = self._launch(name, index)
            if isinstance(outcome, TaskFailed):
                failures.append(outcome)
            return outcome

        with ThreadPoolExecutor(min(number, side_by_side(self._service.task.cpu_units, this_machine().cores))) as pool:
            try:
                outcomes = list(pool.map(launched, names, range(have + 1, have + number + 1)))
            except BaseException:
                self._cancelled.set()
                raise
        return [each for each in outcomes if each is not None]

    def _launch(self, name: str, index: int) -> Task | TaskFailed:
        try:
            started = time.monotonic()
            task = self._launcher.launch(name, self._cancelled)
            self._wait_for_targets(task)
            self._enter(task)
        except TaskFailed as failure:
            failure.logs = discard(self._client, self._groups, name)
            return failure
        except BaseException:
            discard(self._client, self._groups, name)
            raise
        parts = ", ".join(
            f"{c.name} {'healthy' if c.health else 'running' if c.essential else 'done'}"
            for c in self._service.task.containers
        )
        took = f"{time.monotonic() - started:.1f} s"
        with self._entering:
            self._client.ctx.say(
                f"{self._what}: task {index} of {self._service.count}: {parts}, in service after {took}"
            )
        return task

    def _wait_for_targets(self, task: Task) -> None:
        """Wait until the task passes each target group's health check: one pass makes a new target healthy."""
        patience = self._service.patience
        # Where the containers' own checks have taken all of it, one check is waited for.
        last_check = time.monotonic() + max((t.group.timeout for t in self._service.targets), default=0)
        deadline = max(task.running_since + patience, last_check)
        while fault := self._unfit_targets(task):
            if self._cancelled.is_set():
                raise TaskFailed.stopped()
            if time.monotonic() > deadline:
                tail = log_tail(self._client, task.name, self._service.targets[0].container)
                reason = f"the load balancer's health check fails: {fault} (waited {patience} s)"
                raise TaskFailed(reason, tail, patience_spent=True)
            time.sleep(_POLL)

    def _unfit_targets(self, task: Task) -> str | None:
        for target in self._service.targets:
            for balancer in self._holding(target):
                fault = balancer.check(target.group, task.server(target.port))
                if fault:
                    return f"{target.container}:{target.port}{fault}"
        return None

    def _holding(self, target: Target) -> list[Balancer]:
        return [b for b in self._balancers if target.group.key in {g.key for g in forwards(b.plan)}]

    def _enter(self, task: Task) -> None:
        """Put a task in service, with all that are ready at that moment: each look at the load balancer takes long."""
        self._ready.append(task)
        with self._entering:
            if task in self._entered:
                return
            if self._cancelled.is_set():
                raise TaskFailed.stopped()
            ready = [each for each in self._ready if each not in self._entered]
            put_in_service(self._client, ready, on=True)
            self._update_balancers()
            # Here, not where the outcome is read: whoever is interrupted there never reads it.
            self._entered += ready

    def _update_balancers(self) -> None:
        found = serving(self._client)
        for balancer in self._balancers:
            balancer.update(found)

    def _retire(self, old: Sequence[Task]) -> None:
        """Take tasks out of service: nothing new goes to them, what they work on ends, then they are stopped."""
        self._drain_all(old)
        self._stop(old)

    def _drain_all(self, old: Sequence[Task]) -> None:
        if not old:
            return
        put_in_service(self._client, old, on=False)
        for target in self._service.targets:
            for balancer in self._holding(target):
                balancer.drain(target.group, [task.short for task in old])
        self._update_balancers()

    def _stop(self, old: Sequence[Task]) -> None:
        if not old:
            return
        with ThreadPoolExecutor(len(old)) as pool:
            list(pool.map(lambda task: stop(self._client, self._groups, task), old))
        self._client.ctx.say(f"{self._what}: {_tasks(len(old))} drained and stopped")

    def _failure(self, failure: TaskFailed, old: Sequence[Task]) -> DeploymentFailed:
        serving = [t for t in old if t.well]
        on = "serves on" if len(serving) == 1 else "serve on"
        outcome = f"rolled back, {_tasks(len(serving))} of the version before {on}" if serving else "nothing serves"
        if isinstance(failure, AlarmRang):
            if not self._service.alarm_rollback:
                outcome += "; without the alarms' rollback it would be CloudFormation that takes it back"
        elif not self._service.circuit_breaker:
            outcome += "; without a deployment circuit breaker ECS would try on for hours"
        elif not self._service.rollback:
            outcome += "; without the circuit breaker's rollback it would be CloudFormation that takes it back"
        logs = f" Logs: {failure.logs}" if failure.logs else ""
        return DeploymentFailed(f"{self._what}: {failure.reason}; {outcome}.{logs}", failure.log_tail)


def _tasks(number: int) -> str:
    return f"{number} task" if number == 1 else f"{number} tasks"
