"""What the rehearsal's clock is to keep of a stack: its order, given by the command that deploys.

The order lies in a folder of the stack's below ``clocks``, with what it is about in a file that its owner alone reads,
because a task's secrets are part of it. The one process that keeps all orders is ``clock_process``.
"""

from __future__ import annotations

import json
import os
import pickle
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import Client
from containers.errors import EngineError
from containers.file_lock import file_lock, is_held, sign
from rehearsal.fargate.desired.alarm import Alarm, Unwatched
from rehearsal.fargate.desired.dashboard import Line
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.desired.scaling import Scaling
from rehearsal.fargate.desired.service import Schedule, Service
from rehearsal.fargate.desired.timetable import Timetable
from rehearsal.fargate.desired.watched_metric import ServiceMetric
from rehearsal.fargate.stand import charts
from rehearsal.fargate.stand.alarm_watch import stand
from rehearsal.fargate.stand.build_watch import Builds
from rehearsal.fargate.stand.clock_orders import folders, lives, order, ordered
from rehearsal.fargate.stand.stack_watch import Watched
from rehearsal.fargate.task.launch import Launcher
from rehearsal.fargate.task.names import digest, slug
from rehearsal.values.replaced_file import write
from rehearsal.values.stack import Stack

_POLL = 0.05
# Seconds for the process to take an order up; for what is running when a stack is deployed anew; when everything goes.
_TAKEN_WITHIN = 20.0
_ENDS_WITHIN = 60.0
_GIVEN_UP_WITHIN = 10.0
_BUILDS = "builds"
_NO_GROUPS = "CPU and memory of tasks are read from their control groups, which they have none of here"


class StackClock:
    """What the clock keeps of one stack, as its template wants it. Checks at once that the images are there."""

    def __init__(self, client: Client, groups: ControlGroups, stack: Stack, plan: Plan) -> None:
        self._client, self._stack = client, stack.place
        self._folder = _folder(client.ctx, self._stack)
        self._watched, self._unwatched = _measured(plan, groups, self._folder.name)
        self._dashboards = plan.dashboards
        launched: list[Schedule | Service] = [*self._watched.schedules, *self._watched.services]
        self._revisions = [Launcher(client, groups, each).revision for each in launched]

    @property
    def scalings(self) -> tuple[Scaling, ...]:
        """What scales the stack's services, as far as it can be measured here."""
        return self._watched.scalings

    def ensure(self) -> None:
        """Bring what is kept to the plan; of a new one, each rate's first run is started at once."""
        stand(self._client.ctx, self._stack, self._watched.alarms, self._unwatched)
        charts.stand(self._client.ctx.state, self._folder.name, self._watched.alarms, self._dashboards)
        schedules = [
            {"resource": str(each.key), "name": f"{each.key.stack}/{each.key.short}", "when": _when(each)}
            for each in self._watched.schedules
        ]
        watched = [str(alarm.key) for alarm in self._watched.alarms]
        revision = digest([self._revisions, repr(self._watched)], 16)
        tables = [(f"{each.key.stack}/{each.key.short}", each.timetable) for each in self._watched.schedules]
        tables += [
            (f"{each.key.stack}/{each.key.short}: {action.name}", action.timetable)
            for each in self._watched.scalings
            for action in each.actions
        ]
        tables += [
            (f"{call.key.stack}/{call.key.short}: {call.operation}", call.timetable)
            for each in self._watched.sized
            for call in each.calls
        ]
        scaled = [str(each.service) for each in self._watched.scalings]
        services = [str(each.key) for each in self._watched.services]
        listed = {
            "schedules": schedules, "alarms": watched, "scaled": scaled, "services": services, "fires": _fires(tables),
        }  # fmt: skip
        _order(self._client.ctx, self._folder, self._watched or None, revision, listed)
        for schedule in self._watched.schedules:
            self._client.ctx.say(f"schedule {schedule.key.short}: its task runs {_when(schedule)}")


def order_builds(ctx: Context, builds: Builds | None, notices: Sequence[tuple[str, Timetable]] = ()) -> None:
    """Let the clock start scheduled builds, or none any more; ``notices`` are told beside them and need no clock."""
    tables = builds.timetables if builds else ()
    schedules = [
        {"resource": name, "name": name, "when": f"at {table.expression} of {table.zone}"} for name, table in tables
    ]
    listed = {"schedules": schedules, "fires": _fires([*tables, *notices])}
    _order(ctx, ctx.state / "clocks" / _BUILDS, builds, digest([repr(builds), repr(notices)], 16), listed)


def stop_clocks(ctx: Context) -> list[str]:
    """End the clock of this checkout; return what it kept. What it was running is left for the caller."""
    kept = [each.name for each in ordered(ctx)]
    for folder in folders(ctx):
        (folder / "order").unlink(missing_ok=True)
    _end(ctx, _GIVEN_UP_WITHIN)
    shutil.rmtree(ctx.state / "clocks", ignore_errors=True)
    return kept


def _measured(plan: Plan, groups: ControlGroups, place: str) -> tuple[Watched, tuple[Unwatched, ...]]:
    """Return what can be watched on this machine, and the alarms that cannot."""
    without = [] if groups.available else [each for each in plan.alarms if _of_service(each)]
    alarms = tuple(each for each in plan.alarms if each not in without)
    lines = [each for each in charts.lines(alarms, plan.dashboards) if groups.available or not _of_service(each)]
    scalings = plan.scalings
    if not groups.available:
        scalings = tuple(
            replace(
                each,
                policies=tuple(policy for policy in each.policies if not _of_service(policy.high)),
                unscaled=each.unscaled
                + tuple((policy.name, _NO_GROUPS) for policy in each.policies if _of_service(policy.high)),
            )
            for each in scalings
        )
    return Watched(
        schedules=plan.schedules,
        alarms=alarms,
        scalings=scalings,
        sized=plan.sized,
        services=plan.services,
        balancers=plan.balancers,
        lines=tuple(lines),
        place=place,
    ), (*plan.unwatched, *(Unwatched(each.key, each.name, _NO_GROUPS) for each in without))


def _of_service(watched: Alarm | Line) -> bool:
    return any(isinstance(metric, ServiceMetric) for metric, _ in watched.metrics.values())


def _fires(tables: Iterable[tuple[str, Timetable]]) -> list[dict[str, str]]:
    return [
        {"name": name, "expression": table.expression, "zone": table.zone} for name, table in tables if not table.rate
    ]


def _when(schedule: Schedule) -> str:
    rate = schedule.timetable.rate
    return f"every {rate} s" if rate else f"at {schedule.timetable.expression} of {schedule.timetable.zone}"


def _folder(ctx: Context, stack: str) -> Path:
    return ctx.state / "clocks" / f"{slug(stack.rpartition('/')[2])}-{digest(stack, 6)}"


def _order(ctx: Context, folder: Path, kept: Watched | Builds | None, revision: str, listed: Mapping[str, Any]) -> None:
    """Bring an order to what is to be kept, and the process to the code that it is of."""
    process = ctx.state / "clocks" / "lock"
    if kept and is_held(process) and _code_of(ctx) != _code():
        _end(ctx, _ENDS_WITHIN)
    revision = f"{revision}-{_code()}"
    if kept and lives(folder) and order(folder).get("revision") == revision:
        return
    _withdraw(folder, ctx)
    if kept is None:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        (folder / "fault").unlink(missing_ok=True)
        write(folder / "plan", pickle.dumps((ctx.checkout, ctx.docker, dict(ctx.docker_env), kept)))
        write(folder / "order", json.dumps({"token": secrets.token_hex(8), "revision": revision, **listed}))
    deadline = time.monotonic() + _TAKEN_WITHIN
    # What else it kept when it was ended is taken up again with the new order.
    while any(not is_held(each / "lock") for each in folders(ctx)):
        if not is_held(process):
            _start(ctx)
        if time.monotonic() > deadline:
            raise EngineError("the clock does not keep its orders.", (ctx.state / "clocks" / "crash").read_text())
        time.sleep(_POLL)


def _withdraw(folder: Path, ctx: Context) -> None:
    """Take an order back, and wait until nothing that was begun for it runs any more."""
    (folder / "order").unlink(missing_ok=True)
    deadline = time.monotonic() + _ENDS_WITHIN
    while is_held(folder / "lock"):
        if time.monotonic() > deadline:
            _end(ctx, 0)  # what else it keeps is taken up again by the next one
        time.sleep(_POLL)


def _end(ctx: Context, patience: float) -> None:
    """End the process: what runs may end within so many seconds."""
    lock = ctx.state / "clocks" / "lock"
    deadline, killed = time.monotonic() + patience, False
    if is_held(lock) and (process := lock.read_text()):
        with suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGTERM)
    while is_held(lock):
        if time.monotonic() > deadline and killed:
            raise EngineError(f"the clock of {lock.parent} does not end.")
        if time.monotonic() > deadline:
            # It holds the lock, so the process is still itself; what it calls is in its group.
            if process := lock.read_text():
                with suppress(ProcessLookupError):
                    os.killpg(int(process), signal.SIGKILL)
            deadline, killed = time.monotonic() + _GIVEN_UP_WITHIN, True
        time.sleep(_POLL)


def _start(ctx: Context) -> None:
    folder = ctx.state / "clocks"
    with file_lock(folder / "lock", wait=True) as lock, (folder / "crash").open("w") as crash:
        (folder / "code").write_text(_code())
        # The process inherits the lock: it is held from here on, until the process ends in whatever way.
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.fargate.stand.clock_process", str(folder)],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.DEVNULL,
            stdout=crash,
            stderr=crash,
            pass_fds=(lock.fileno(),),
            # Ctrl-C at the terminal ends the command; what stands goes on standing.
            start_new_session=True,
        )
        sign(lock, process.pid)


def _code_of(ctx: Context) -> str:
    try:
        return (ctx.state / "clocks" / "code").read_text()
    except FileNotFoundError:
        return ""


@cache
def _code() -> str:
    """Return a digest of the code that the process runs: what is ordered by another may not be what it understands."""
    root = Path(__file__).parents[2]
    return digest([file.read_text() for part in ("fargate", "values") for file in sorted((root / part).rglob("*.py"))])
