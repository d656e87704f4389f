"""Drives the number of a service's tasks: by its scheduled actions and policies, within what the machine carries."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from containers.cgroups import ControlGroups
from containers.client import Client
from containers.errors import EngineError
from containers.file_lock import Held, file_lock
from rehearsal.fargate.desired.alarm import Alarm
from rehearsal.fargate.desired.alarm_state import State, judge
from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.data_points import breaching
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.desired.scaling import Scaling
from rehearsal.fargate.desired.scheduled_size import Sized
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.plan.target_tracking import (
    Bounds,
    Cooldown,
    Decision,
    Reading,
    bounds,
    carried,
    cooled,
    decide,
)
from rehearsal.fargate.stand.background import Background
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.machine import this_machine
from rehearsal.fargate.stand.rollout import ROLLING, Rollout
from rehearsal.fargate.stand.scaling_state import Activity, changing, kept
from rehearsal.fargate.stand.sizes import as_set
from rehearsal.values.rehearsed_time import now

# Seconds until what could not be done is tried again.
_TRIED_AGAIN = 60.0


class Scaler:
    """What Application Auto Scaling does for one service."""

    def __init__(
        self,
        client: Client,
        groups: ControlGroups,
        scaling: Scaling,
        service: Service,
        balancers: Sequence[LoadBalancer],
        *,
        sized: Sequence[Sized],
    ) -> None:
        self._client, self._groups, self._scaling, self._service = client, groups, scaling, service
        self._sized = sized
        self._balancers = [Balancer(client, plan) for plan in balancers]
        self._states: dict[str, State] = {}
        self._cooldown = Cooldown()
        self.work = Background()
        self._idle_until = 0.0

    @property
    def alarms(self) -> list[Alarm]:
        """The alarms that drive it."""
        return [alarm for policy in self._scaling.policies for alarm in (policy.high, policy.low)]

    def look(self, data_points: Mapping[str, Sequence[float | None]], current: float) -> None:
        """Begin what is to be done now; ``data_points`` are those of its alarms whose period has ended."""
        readings = []
        for policy in self._scaling.policies:
            if policy.high.name in data_points:
                high, low = (self._judge(each, data_points[each.name]) for each in (policy.high, policy.low))
                readings.append(Reading(policy, data_points[policy.high.name][-1], high, low))
        if self.work.busy or time.monotonic() < self._idle_until:
            return
        entry = kept(self._client.ctx.state).services.get(str(self._service.key))
        if entry is None:
            return  # its stack is being removed
        limits = bounds(self._scaling, entry.since, current)
        if (entry.minimum, entry.maximum) != (limits.minimum, limits.maximum):
            self._bound(limits)
        decision = decide(self._scaling, entry.count, limits, readings=readings, cooldown=self._cooldown, now=current)
        if decision is None:
            if entry.short and not self._wants_more(readings):
                self._change(short="")
            return
        self.work.begin(lambda: self._act(decision, entry.count))

    def _judge(self, alarm: Alarm, data_points: Sequence[float | None]) -> State:
        self._states[alarm.name] = judge(
            breaching(alarm, data_points),
            periods=alarm.periods,
            to_alarm=alarm.to_alarm,
            missing=alarm.missing,
            before=self._states.get(alarm.name, State.INSUFFICIENT_DATA),
        )
        return self._states[alarm.name]

    def _wants_more(self, readings: Sequence[Reading]) -> bool:
        """Return whether a policy may still want what the machine did not carry: it does until it was looked at."""
        waiting = bool(self._scaling.policies) and not readings
        return waiting or any(each.high is State.ALARM for each in readings)

    def _change(self, **values: Any) -> None:
        key = str(self._service.key)
        with changing(self._client.ctx.state) as file:
            if key in file.services:
                file.services[key] = replace(file.services[key], **values)

    def _bound(self, limits: Bounds) -> None:
        self._change(minimum=limits.minimum, maximum=limits.maximum)
        self._client.ctx.say(
            f"service {self._service.key.short}: from {limits.minimum} to {limits.maximum} tasks, by {limits.by}"
        )

    def _act(self, decision: Decision, count: int) -> None:
        state = self._client.ctx.state
        # Whatever happens now is not tried again at once.
        self._idle_until = time.monotonic() + _TRIED_AGAIN
        try:
            with file_lock(state / ROLLING):
                entry = kept(state).services.get(str(self._service.key))
                if entry is not None and entry.count == count:
                    self._roll(decision, count)
                else:  # a deployment came between
                    self._idle_until = 0.0
        except Held:
            # A deployment is under way; ECS, too, takes no tasks away meanwhile.
            self._idle_until = time.monotonic() + 1
        except Exception as error:  # noqa: BLE001 - told, and tried again; the clock goes on
            self._client.ctx.say(f"service {self._service.key.short} is not scaled: {type(error).__name__}: {error}")

    def _roll(self, decision: Decision, count: int) -> None:
        task = self._service.task
        possible = Decision(decision.count, "")
        if decision.count > count:
            possible = carried(decision.count, count, task.cpu_units, task.memory_mib, this_machine())
        outcome = "done"
        try:
            if possible.count != count:
                [service] = as_set(self._client.ctx.state, self._sized, [replace(self._service, count=possible.count)])
                Rollout(self._client, self._groups, self._balancers, service, ()).run()
        except (DeploymentFailed, EngineError) as error:
            outcome = f"failed: {error.message}"
        current, key = now(self._client.ctx.state), str(self._service.key)
        done = outcome == "done"
        if done and possible.count != count:
            self._cooldown = cooled(self._cooldown, decision, count, current)
        if done and not possible.cause:
            self._idle_until = 0.0
        with changing(self._client.ctx.state) as file:
            entry = file.services.get(key)
            if entry is None:
                return
            file.services[key] = replace(entry, count=possible.count if done else count, short=possible.cause)
            if possible.count == count and entry.short == possible.cause:
                return  # nothing new
            after = possible.count if done else count
            activity = Activity(current, key, count, after, decision.cause, possible.cause or outcome)
            file.note(activity)
        self._client.ctx.say(
            f"service {self._service.key.short}: {count} -> {after} tasks: {activity.cause}; {activity.outcome}"
        )
