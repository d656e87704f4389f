"""One stack as the clock keeps it: its scheduled tasks, its alarms, its size, and as many tasks as it should have."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial

from containers.cgroups import ControlGroups
from containers.client import Client
from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.dashboard import Line
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.scaling import Scaling
from rehearsal.fargate.desired.scheduled_size import Sized
from rehearsal.fargate.desired.service import Schedule, Service
from rehearsal.fargate.stand.alarm_watch import AlarmWatch
from rehearsal.fargate.stand.charts import Charts
from rehearsal.fargate.stand.resizer import Resizer
from rehearsal.fargate.stand.scaler import Scaler
from rehearsal.fargate.stand.scheduled_run import run_once
from rehearsal.fargate.stand.service_scheduler import ServiceScheduler
from rehearsal.fargate.task.launch import Launcher
from rehearsal.fargate.task.task import remove, tasks
from rehearsal.values.rehearsed_time import Setting, in_words


@dataclass(frozen=True)
class Watched:
    """What the clock keeps of a stack: the parts of its plan that go on by themselves.

    ``lines`` are what charts are drawn of, under the name ``place``.
    """

    schedules: tuple[Schedule, ...]
    alarms: tuple[Alarm, ...]
    scalings: tuple[Scaling, ...]
    sized: tuple[Sized, ...]
    services: tuple[Service, ...]
    balancers: tuple[LoadBalancer, ...]
    lines: tuple[Line, ...]
    place: str

    def __bool__(self) -> bool:
        """Return whether there is anything to be kept."""
        return bool(self.schedules or self.lines or self.services or self.sized)


class StackWatch:
    """Keeps one stack, from one look at the clock to the next."""

    def __init__(self, client: Client, watched: Watched, setting: Setting, real: float) -> None:
        self._client, self._groups = client, ControlGroups(client)
        self._launchers = [(each, Launcher(client, self._groups, each)) for each in watched.schedules]
        # What a clock was running that was killed.
        for leftover in (task for each in watched.schedules for task in tasks(client, str(each.key))):
            remove(client, self._groups, leftover.name)
        services = {each.key: each for each in watched.services}
        self._scalers = [
            Scaler(client, self._groups, each, services[each.service], watched.balancers, sized=watched.sized)
            for each in watched.scalings
        ]
        self._resizers = [
            Resizer(client, self._groups, each, watched.services, watched.balancers) for each in watched.sized
        ]
        self._schedulers = [
            ServiceScheduler(client, self._groups, each, watched.balancers, sized=watched.sized)
            for each in watched.services
        ]
        tracked = [alarm for scaler in self._scalers for alarm in scaler.alarms]
        drawn = Charts(client.ctx.state, watched.place, watched.lines)
        self._alarms = AlarmWatch(
            client, self._groups, watched.alarms, drawn, tracked=tracked, services=watched.services
        )  # fmt: skip
        self._setting, self._began = setting, setting.at(real)
        self._due = self._all_due()
        self._running: list[tuple[Key, threading.Thread]] = []
        self._alarms.begin(self._began, setting.speed)

    def _all_due(self) -> list[float | None]:
        """Return when each schedule is due first. A rate's first run is when it is made."""
        tables = [schedule.timetable for schedule, _ in self._launchers]
        # A second before, a rate has not fired yet.
        return [table.next_after(self._began - bool(table.rate), self._began) for table in tables]

    def _next(self, schedule: Schedule, current: float) -> float | None:
        return schedule.timetable.next_after(current, self._began)

    def tick(self, setting: Setting, real: float) -> None:
        """Do what is due at a moment of the machine's."""
        current = setting.at(real)
        if setting != self._setting:
            self._set(setting, current)
        self._running = [(key, thread) for key, thread in self._running if thread.is_alive()]
        for index, (schedule, launcher) in enumerate(self._launchers):
            due = self._due[index]
            if due is not None and due <= current:
                self._due[index] = self._next(schedule, max(due, current - (schedule.timetable.rate or 0)))
                self._start(schedule, launcher)
        data_points = self._alarms.tick(current, setting.speed)
        for scaler in self._scalers:
            scaler.look(data_points, current)
        for resizer in self._resizers:
            resizer.look(current)
        for scheduler in self._schedulers:
            scheduler.look()

    def wait(self) -> None:
        """Return when nothing that it has begun runs any more."""
        for _, thread in self._running:
            thread.join()
        keepers: list[Scaler | Resizer | ServiceScheduler] = [*self._scalers, *self._resizers, *self._schedulers]
        for keeper in keepers:
            keeper.work.wait()

    def _start(self, schedule: Schedule, launcher: Launcher) -> None:
        # At its own pace the machine may have two runs side by side, as AWS has; at a faster one nobody asked for them.
        if self._setting.speed > 1 and any(key == schedule.key for key, _ in self._running):
            self._client.ctx.say(f"schedule {schedule.key.short}: skipped, the run before has not ended")
            return
        heard = partial(self._alarms.heard, schedule.key)
        thread = threading.Thread(target=run_once, args=(self._client, self._groups, launcher, heard))
        self._running.append((schedule.key, thread))
        thread.start()

    def _set(self, setting: Setting, current: float) -> None:
        """Go on from another moment: nothing is made up for that the clock was moved past; rates go on from here."""
        self._setting, self._began = setting, current
        self._due = self._all_due()
        self._alarms.begin(current, setting.speed)
        self._client.ctx.say(f"the clock was set: {in_words(current)}, {setting.speed} times as fast as the machine's")
