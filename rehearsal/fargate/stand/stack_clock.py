"""The clock of a stack: a process that starts its scheduled tasks and watches its alarms, as AWS does.

It outlives the command that deployed, as the containers do. It holds a lock while it lives, and ends by itself when its
order is gone: when the stack is deployed anew, when ``down`` removes everything, or when somebody deletes the folder.
What it is given comes through a pipe and stays in memory, because a task's secrets are part of it.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any, cast

from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import Client
from containers.errors import EngineError
from containers.file_lock import file_lock, is_held, sign
from rehearsal.fargate.plan.values import Alarm, Line, Plan, Schedule
from rehearsal.fargate.stand import charts
from rehearsal.fargate.stand.alarm_watch import AlarmWatch, stand
from rehearsal.fargate.stand.scheduled_run import run_once
from rehearsal.fargate.task.launch import Launcher
from rehearsal.fargate.task.names import digest, slug
from rehearsal.fargate.task.task import remove, tasks
from rehearsal.values.stack import Stack

_POLL = 0.25
_LOG_BYTES = 1_000_000
_ENDS_WITHIN = 60.0  # seconds for what is running when a stack is deployed anew
_GIVEN_UP_WITHIN = 10.0  # seconds when everything goes


@dataclass(frozen=True)
class Ordered:
    """A schedule that a clock keeps: its resource, how often in seconds, and whether the clock lives."""

    resource: str
    name: str
    every: int
    lives: bool


class StackClock:
    """The clock of one stack, as its template wants it. Checks at once that the images are there."""

    def __init__(self, client: Client, groups: ControlGroups, stack: Stack, plan: Plan) -> None:
        self._client, self._groups, self._schedules, self._alarms = client, groups, plan.schedules, plan.alarms
        self._unwatched, self._dashboards = plan.unwatched, plan.dashboards
        self._lines = charts.lines(plan.alarms, plan.dashboards)
        self._stack = stack.place
        self._folder = _folder(client.ctx, self._stack)
        scheduled = [[Launcher(client, groups, s).revision, s.every] for s in plan.schedules]
        self._revision = digest([scheduled, [repr(each) for each in (*plan.alarms, *self._lines)]], 16)

    def ensure(self) -> None:
        """Bring the clock to its plan; a new one starts each schedule's first run at once."""
        stand(self._client.ctx, self._stack, self._alarms, self._unwatched)
        charts.stand(self._client.ctx.state, self._folder.name, self._alarms, self._dashboards)
        wanted = self._schedules or self._lines
        if wanted and _lives(self._folder) and _order(self._folder).get("revision") == self._revision:
            return
        _stop(self._folder, _ENDS_WITHIN)
        for leftover in (task for schedule in self._schedules for task in tasks(self._client, str(schedule.key))):
            remove(self._client, self._groups, leftover.name)
        if wanted:
            _start(self._client.ctx, self._folder, self._revision, self._schedules, self._alarms, self._lines)
        for schedule in self._schedules:
            self._client.ctx.say(f"schedule {schedule.key.short}: its task runs every {schedule.every} s")


def ordered(ctx: Context) -> Iterator[Ordered]:
    """Yield the schedules of this checkout."""
    for folder in _folders(ctx):
        for each in _order(folder).get("schedules", []):
            yield Ordered(each["resource"], each["name"], each["every"], _lives(folder))


def watched(ctx: Context) -> set[str]:
    """Return the resources of the alarms that a living clock of this checkout watches."""
    return {each for folder in _folders(ctx) if _lives(folder) for each in _order(folder).get("alarms", [])}


def stop_clocks(ctx: Context) -> list[str]:
    """End every clock of this checkout; return what they kept. What they were running is left for the caller."""
    kept = [each.name for each in ordered(ctx)]
    for folder in _folders(ctx):
        _stop(folder, _GIVEN_UP_WITHIN)
    shutil.rmtree(ctx.state / "clocks", ignore_errors=True)
    return kept


def _folder(ctx: Context, stack: str) -> Path:
    return ctx.state / "clocks" / f"{slug(stack.rpartition('/')[2])}-{digest(stack, 6)}"


def _folders(ctx: Context) -> list[Path]:
    return sorted((ctx.state / "clocks").glob("*"))


def _order(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "order").read_text()))
    except FileNotFoundError:
        return {}


def _lives(folder: Path) -> bool:
    return is_held(folder / "lock")


def _stop(folder: Path, patience: float) -> None:
    (folder / "order").unlink(missing_ok=True)
    deadline, killed = time.monotonic() + patience, False
    while _lives(folder):
        if time.monotonic() > deadline and killed:
            raise EngineError(f"the clock of {folder} does not end.")
        if time.monotonic() > deadline:
            # It holds the lock, so the process is still itself; what it calls is in its group.
            if process := (folder / "lock").read_text():
                os.killpg(int(process), signal.SIGKILL)
            deadline, killed = time.monotonic() + _GIVEN_UP_WITHIN, True
        time.sleep(_POLL / 5)


def _start(  # noqa: PLR0917 - all that a clock keeps
    ctx: Context,
    folder: Path,
    revision: str,
    schedules: Sequence[Schedule],
    alarms: Sequence[Alarm],
    lines: Sequence[Line],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(8)
    listed = [{"resource": str(s.key), "name": f"{s.key.stack}/{s.key.short}", "every": s.every} for s in schedules]
    watched = [str(alarm.key) for alarm in alarms]
    order = {"token": token, "revision": revision, "schedules": listed, "alarms": watched}
    (folder / "order").write_text(json.dumps(order))
    with file_lock(folder / "lock", wait=True) as lock, (folder / "crash").open("w") as crash:
        # The process inherits the lock: it is held from here on, until the process ends in whatever way.
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.fargate.stand.stack_clock", str(folder)],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=crash,
            stderr=crash,
            pass_fds=(lock.fileno(),),
            # Ctrl-C at the terminal ends the command; what stands goes on standing.
            start_new_session=True,
        )
        sign(lock, process.pid)
    with cast(IO[bytes], process.stdin) as pipe:
        kept = (tuple(schedules), tuple(alarms), tuple(lines))
        pickle.dump((ctx.checkout, ctx.docker, dict(ctx.docker_env), token, *kept), pipe)


class _Clock:
    """What the process does."""

    def __init__(
        self, folder: Path, client: Client, token: str, schedules: Sequence[Schedule], watch: AlarmWatch
    ) -> None:
        self._folder, self._client, self._token = folder, client, token
        groups = ControlGroups(client)
        self._due = {Launcher(client, groups, schedule): time.monotonic() for schedule in schedules}
        self._every = dict(zip(self._due, (schedule.every for schedule in schedules), strict=True))
        self._keys = dict(zip(self._due, (schedule.key for schedule in schedules), strict=True))
        self._groups, self._watch = groups, watch

    def run(self) -> None:
        """Start what is due and watch, until the order is gone; what runs then may end."""
        running: list[threading.Thread] = []
        while _order(self._folder).get("token") == self._token:
            for launcher in self._due:
                if self._due[launcher] <= time.monotonic():
                    self._due[launcher] += self._every[launcher]
                    heard = partial(self._watch.heard, self._keys[launcher])
                    arguments = (self._client, self._groups, launcher, heard)
                    running.append(threading.Thread(target=run_once, args=arguments))
                    running[-1].start()
            self._watch.tick()
            running = [thread for thread in running if thread.is_alive()]
            time.sleep(_POLL)
        for thread in running:
            thread.join()


def main() -> None:
    """Run the process: take its order from standard input, and keep its log below the rehearsal's."""
    folder = Path(sys.argv[1])
    checkout, docker, environment, token, schedules, alarms, lines = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent, through a pipe
    log = logging.getLogger("clock")

    def secret(account: str, region: str, name: str) -> str:
        raise KeyError(f"{account}/{region}/{name}")

    context = Context(checkout, docker, environment, log.info, secret)
    (context.state / "logs").mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        context.state / "logs" / f"schedule-{folder.name}.log", maxBytes=_LOG_BYTES, backupCount=1
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    client = Client(context)
    watch = AlarmWatch(client, alarms, charts.Charts(context.state, folder.name, lines))
    _Clock(folder, client, token, schedules, watch).run()


if __name__ == "__main__":
    main()
