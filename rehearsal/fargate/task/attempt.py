"""One attempt to bring a task up: its containers in the template's order, until all are healthy or one has failed."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, Self

from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.task import Condition, Container, TaskDefinition
from rehearsal.fargate.task.ordering import Failure, Health, Observed, next_step

_POLL = 0.15
_LOG_TAIL = 40  # lines
# A container looks some times by itself, ever more rarely, which costs less than a call of the engine for each look.
_LOOKS = 8
_LOOK = f'looks=0; until "$@"; do looks=$((looks + 1)); [ "$looks" -lt {_LOOKS} ] || exit 1; sleep "0.$looks"; done'
# Seconds that the engine itself may take for a call.
_CALL = 1.0
# What the engine's client ends with where an image has no shell.
_NO_SHELL = (126, 127)


class TaskFailed(Exception):
    """A new task did not come up; its logs are kept in the folder ``logs``.

    ``patience_spent``: a time limit ran out, so another try would only wait as long.
    """

    def __init__(self, reason: str, log_tail: str, *, patience_spent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.log_tail = log_tail
        self.patience_spent = patience_spent
        self.logs: Path | None = None

    @classmethod
    def stopped(cls) -> Self:
        """Return the failure of a task that nobody waits for any more."""
        return cls("the deployment was stopped", "", patience_spent=True)


class Attempt:
    """The containers of one task, made but not started.

    ``grace`` is for how many seconds a service heeds no health check; None is a task of no service, where nobody does.
    """

    def __init__(self, client: Client, task: TaskDefinition, name: str, grace: int | None) -> None:
        self._client, self._task, self._name, self._grace = client, task, name, grace
        self._started: dict[str, float] = {}
        self._health: dict[str, tuple[Health, str]] = {}
        # Those that are to end, as others wait for it, are waited for by a call each; their exit codes when they have.
        awaited = {Condition.SUCCESS, Condition.COMPLETE}
        self._awaited = {name for each in task.containers for name, how in each.depends_on if how in awaited}
        self._exits: dict[str, int | None] = {}
        self._ended = threading.Event()
        self._shell = True

    def run(self, cancelled: threading.Event) -> float:
        """Start the containers; return when they are as the template wants them, or raise TaskFailed.

        What is returned is since when all of them have been started (``time.monotonic``).
        """
        while not cancelled.is_set():
            step = next_step(self._task.containers, self._observe(), of_service=self._grace is not None)
            if isinstance(step, Failure):
                raise self._failed(step)
            if step.steady:
                return max(self._started.values())
            for container in step.start:
                self._start(container)
            if not step.start:
                self._ended.wait(_POLL)
                self._ended.clear()
        raise TaskFailed.stopped()

    def _start(self, container: str) -> None:
        try:
            self._client("start", part(self._name, container))
        except EngineError as error:
            reason = f"container {container} cannot be started: {error.message}"
            raise TaskFailed(reason, "", patience_spent=False) from None
        self._started[container] = time.monotonic()
        if container in self._awaited:
            self._exits[container] = None
            threading.Thread(target=self._wait_for_end, args=(container,), daemon=True).start()

    def _wait_for_end(self, name: str) -> None:
        try:
            done = self._client.run(
                "wait", part(self._name, name), timeout=self._task.container(name).start_timeout + 60.0
            )
        except EngineError:
            code = None
        else:
            code = int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else None
        if code is None:
            del self._exits[name]  # the engine is asked again and again, as of any other
        else:
            self._exits[name] = code
        self._ended.set()

    def _states(self) -> dict[str, dict[str, Any]]:
        """Return how the containers are that have been started."""
        exits = dict(self._exits)
        names = [part(self._name, name) for name in self._started if name not in exits]
        states: dict[str, dict[str, Any]] = {
            each["Config"]["Labels"]["floodgate.container"]: each["State"]
            for each in (self._client.inspect("container", *names) if names else ())
        }
        return states | {name: {"Running": code is None, "ExitCode": code} for name, code in exits.items()}

    def _observe(self) -> dict[str, Observed]:
        states = self._states()
        observed = {}
        for name, since in self._started.items():
            state: dict[str, Any] = states.get(name, {"Running": False, "ExitCode": 137})
            waited = time.monotonic() - since
            if state["Running"]:
                self._look_after(self._task.container(name), waited)
            health, detail = self._health.get(name, (Health.UNKNOWN, ""))
            observed[name] = Observed(None if state["Running"] else int(state["ExitCode"]), health, waited, detail)
        return observed

    def _look_after(self, container: Container, waited: float) -> None:
        """Run a container's health check until it passes once: oftener than its interval, and for as long as ECS."""
        check = container.health
        if check is None or container.name in self._health:
            return
        look = ("sh", "-c", _LOOK, "sh", *check.argv) if self._shell else check.argv
        patience = check.timeout * (_LOOKS if self._shell else 1)
        begun, place = time.monotonic(), part(self._name, container.name)
        try:
            done = self._client.run("exec", place, *look, timeout=patience + _LOOKS)
            if done.returncode in _NO_SHELL and self._shell:
                self._shell = False
                return
            if done.returncode == 0 and time.monotonic() > begun + check.timeout:
                # Some looks in turn, or one that took longer than ECS waits for it: only one alone tells which.
                done = self._client.run("exec", place, *check.argv, timeout=check.timeout + _CALL)
        except EngineError:
            detail = f"its check gave no answer in {check.timeout} s"
        else:
            if done.returncode == 0:
                self._health[container.name] = (Health.HEALTHY, "")
                return
            output = (done.stdout + done.stderr).strip().splitlines()
            detail = f"its check ends with {done.returncode}" + (f": {output[-1]}" if output else "")
        bearable = max(check.patience, self._grace or 0)
        if waited > bearable:
            self._health[container.name] = (Health.UNHEALTHY, f"{detail} (waited {bearable} s)")

    def _failed(self, failure: Failure) -> TaskFailed:
        found = self._client.inspect("container", part(self._name, failure.container))
        out = any(c["State"]["OOMKilled"] for c in found)
        limit = f" (the task's {self._task.memory_mib} MiB of memory ran out)" if out else ""
        tail = log_tail(self._client, self._name, failure.container)
        return TaskFailed(failure.reason + limit, tail, patience_spent=failure.patience_spent)


def part(task: str, container: str) -> str:
    """Return what the engine calls a task's container."""
    return f"{task}-{container}"


def log_tail(client: Client, task: str, container: str) -> str:
    """Return the last lines that a task's container has printed."""
    done = client.run("logs", f"--tail={_LOG_TAIL}", part(task, container))
    return (done.stdout + done.stderr).strip()
