"""Carries out, as the clock comes to it, what schedules call of AWS's API to change the size of what stands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from containers.cgroups import ControlGroups
from containers.client import Client
from containers.file_lock import Held, file_lock
from rehearsal.fargate.desired.backing_servers import Capacity
from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.scheduled_size import ServiceSize, Setting, Sized
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.plan.scheduled_call import in_words, last_call, resized, standing
from rehearsal.fargate.stand import scaling_state, sizes
from rehearsal.fargate.stand.background import Background
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.mysql import resize
from rehearsal.fargate.stand.rollout import ROLLING, Rollout

# Seconds until what could not be done is tried again.
_TRIED_AGAIN = 60.0


class Resizer:
    """What EventBridge Scheduler does to one resource."""

    def __init__(
        self,
        client: Client,
        groups: ControlGroups,
        sized: Sized,
        services: Sequence[Service],
        balancers: Sequence[LoadBalancer],
    ) -> None:
        self._client, self._groups, self._sized = client, groups, sized
        self._service = next((each for each in services if each.key == sized.resource), None)
        self._balancers = [Balancer(client, plan) for plan in balancers]
        self.work = Background()
        self._idle_until = 0.0

    def look(self, current: float) -> None:
        """Begin what is due at a moment of the rehearsal's clock."""
        if self.work.busy or time.monotonic() < self._idle_until:
            return
        entry = sizes.kept(self._client.ctx.state).get(str(self._sized.resource))
        if entry is None:
            return  # its stack is being removed
        setting, at = standing(self._sized, entry.since, current)
        if at != entry.at:
            self.work.begin(lambda: self._act(setting, at, entry))

    def _act(self, setting: Setting, at: float | None, before: sizes.Size) -> None:
        say, key = self._client.ctx.say, str(self._sized.resource)
        self._idle_until = time.monotonic() + _TRIED_AGAIN
        call = None if at is None else last_call(self._sized, before.since, at)
        by = f"schedule {call.key.short}" if call else "the template, before whose schedules the clock was put back"
        what = f"{self._sized.resource.short}: {in_words(setting)}, by {by}"
        try:
            done = self._carry_out(setting, fired=call is not None)
        except Held:
            # A deployment is under way, or a number of tasks is being changed.
            self._idle_until = time.monotonic() + 1
            return
        except Exception as error:  # noqa: BLE001 - told, and tried again; the clock goes on
            say(f"{what}; failed: {type(error).__name__}: {getattr(error, 'message', error)}")
            return
        with sizes.changing(self._client.ctx.state) as file:
            if file.get(key) != before:  # a deployment came between
                self._idle_until = 0.0
                return
            file[key] = replace(
                before,
                at=at,
                words=f"{in_words(setting)}, by {by}" if call else "",
                operation=call.operation if call else "",
                request=call.request if call else "",
            )
        self._idle_until = 0.0
        say(f"{what}; {done}")

    def _carry_out(self, setting: Setting, *, fired: bool) -> str:
        match setting:
            case Capacity():
                resize(self._client, self._sized.resource, setting)
                return "its memory and when it pauses were changed; its limit of connections is that of its start"
            case ServiceSize():
                with file_lock(self._client.ctx.state / ROLLING):
                    return self._roll(setting, fired=fired)
            case _:
                return "in the emulated AWS only: one process serves here"

    def _roll(self, setting: ServiceSize, *, fired: bool) -> str:
        if self._service is None:
            return "its stack runs no such service"
        key, state = str(self._service.key), self._client.ctx.state
        [service] = resized([self._service], {key: setting})
        scaled = scaling_state.kept(state).services.get(key)
        count = setting.count if fired and setting.count is not None else scaled.count if scaled else service.count
        Rollout(self._client, self._groups, self._balancers, replace(service, count=count), ()).run()
        with scaling_state.changing(state) as file:
            if key in file.services:
                file.services[key] = replace(file.services[key], count=count)
        return f"{count} {'task runs' if count == 1 else 'tasks run'}"
