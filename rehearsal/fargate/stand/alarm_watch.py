"""The alarms of a stack as they are watched: samples of its metrics, the state of each, and who is told of a change.

``alarms.json`` of the rehearsal's folder holds the states of all stacks' alarms, ``mailbox/`` a file for each message.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import Client
from rehearsal.fargate.desired.alarm import Alarm, Unwatched
from rehearsal.fargate.desired.alarm_state import COMPARISONS, State, judge
from rehearsal.fargate.desired.data_points import SAMPLED_EVERY, Samples, breaching
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.desired.watched_metric import BalancerMetric, LogMetric, ServiceMetric
from rehearsal.fargate.stand import shared_file
from rehearsal.fargate.stand.alarm_mutes import is_muted
from rehearsal.fargate.stand.balancer_metrics import COUNTS, BalancerSampler
from rehearsal.fargate.stand.charts import Charts
from rehearsal.fargate.stand.log_metrics import LogSampler
from rehearsal.fargate.stand.service_metrics import ServiceSampler
from rehearsal.fargate.stand.topic_messages import send
from rehearsal.values.rehearsed_time import now

NOT_WATCHED = "NOT WATCHED"


@dataclass(frozen=True)
class AlarmState:
    """An alarm that stands: its ``state`` is CloudWatch's, or that it is not watched; ``since`` is epoch seconds."""

    resource: str
    name: str
    state: str
    since: float
    reason: str

    @property
    def rings(self) -> bool:
        """Return whether it is in the state ALARM."""
        return self.state == State.ALARM


def states(folder: Path) -> list[AlarmState]:
    """Return the alarms of all stacks, as ``folder``, the rehearsal's own, has them."""
    try:
        found = json.loads((folder / "alarms.json").read_text())
    except FileNotFoundError:
        return []
    return [AlarmState(**each) for each in found]


def stand(ctx: Context, stack: str, alarms: Iterable[Alarm], unwatched: Iterable[Unwatched]) -> None:
    """Note the alarms of a stack, in the place of those it had; one that stays keeps its state."""
    current = now(ctx.state)
    with _changing(ctx.state) as found:
        known = {each.resource: each for each in found}
        found[:] = [each for each in found if not each.resource.startswith(f"{stack}/")]
        for alarm in alarms:
            before = known.get(str(alarm.key))
            kept = before if before and before.state != NOT_WATCHED and before.name == alarm.name else None
            fresh = AlarmState(str(alarm.key), alarm.name, State.INSUFFICIENT_DATA, current, "not evaluated yet")
            found.append(kept or fresh)
        found += [AlarmState(str(u.key), u.name, NOT_WATCHED, current, u.reason) for u in unwatched]


def _changing(folder: Path) -> AbstractContextManager[list[AlarmState]]:
    """Give the states of all alarms, to be changed in place: written at once, while no other process changes them."""
    return shared_file.changing(
        folder / "alarms.json", lambda: states(folder), lambda found: [vars(each) for each in found]
    )


class AlarmWatch:
    """Samples what the alarms and charts of a stack are about, and evaluates each alarm at the end of its periods.

    ``tracked`` are alarms that nobody hears of: they drive the number of tasks, and see the same samples.
    """

    def __init__(
        self,
        client: Client,
        groups: ControlGroups,
        alarms: Sequence[Alarm],
        charts: Charts,
        *,
        tracked: Sequence[Alarm] = (),
        services: Sequence[Service] = (),
    ) -> None:
        self._client, self._alarms, self._tracked, self._charts = client, alarms, tracked, charts
        sources = [*(alarm.metrics for alarm in (*alarms, *tracked)), *(line.metrics for line in charts.lines)]
        metrics = {metric for source in sources for metric, _ in source.values()}
        self._logged = [each for each in metrics if isinstance(each, LogMetric)]
        balancing = [each for each in metrics if isinstance(each, BalancerMetric)]
        serving = [each for each in metrics if isinstance(each, ServiceMetric)]
        self._samplers: list[BalancerSampler | ServiceSampler | LogSampler] = [
            *_balancer_samplers(client, balancing),
            *_service_samplers(client, groups, serving, services),
            *_log_samplers(client, self._logged, services),
        ]
        self._lock = threading.Lock()
        self._muted: dict[str, tuple[State, str]] = {}
        self._samples = Samples([*alarms, *tracked], charts.lines)
        self._sampled = 0

    def begin(self, current: float, speed: int) -> None:
        """Begin anew at a moment: what was measured before another clock was set belongs to no period of this one."""
        with self._lock:
            self._samples = Samples([*self._alarms, *self._tracked], self._charts.lines)
            for sampler in self._samplers:
                list(sampler.sample())
        self._sampled = _slot(current, speed)

    def heard(self, schedule: Key, container: str, text: str) -> None:
        """Take what a container of a scheduled task has printed."""
        current = now(self._client.ctx.state)
        for metric in self._logged:
            if (schedule, container) in metric.sources and text:
                with self._lock:
                    for value in metric.values(text.splitlines()):
                        self._samples.add(metric, current, value)

    def tick(self, current: float, speed: int) -> dict[str, list[float | None]]:
        """Take a sample where one is due, and evaluate the alarms whose period has ended.

        Return the data points of those tracked ones whose period has ended, by name. Where the clock is ``speed`` times
        as fast as the machine's, what happens in a second of the machine's is counted as often: rates stay what they
        are, and thresholds mean what they say.
        """
        slot = _slot(current, speed)
        if slot == self._sampled:
            return {}
        before, self._sampled = self._sampled, slot
        with self._lock:
            for sampler in self._samplers:
                for metric, value in sampler.sample():
                    counted = isinstance(metric, BalancerMetric) and metric.name in COUNTS
                    # What is read now happened in the seconds that have just ended.
                    self._samples.add(metric, slot - 1, value * speed if counted else value)
            for alarm in self._alarms:
                if _ended(alarm, before, slot, speed):
                    self._evaluate(alarm, slot // alarm.period * alarm.period, current)
            self._charts.extend(self._samples, slot)
            return {
                alarm.name: self._samples.data_points(alarm, slot // alarm.period * alarm.period)
                for alarm in self._tracked
                if _ended(alarm, before, slot, speed)
            }

    def _evaluate(self, alarm: Alarm, until: int, current: float) -> None:
        data_points = self._samples.data_points(alarm, until)
        folder, place = self._client.ctx.state, f"{alarm.key.account}/{alarm.key.region}"
        muted = is_muted(folder, place, alarm.name, current)
        with _changing(self._client.ctx.state) as found:
            index = next((i for i, each in enumerate(found) if each.resource == str(alarm.key)), None)
            if index is None:
                return  # its stack is being deployed without it
            before = State(found[index].state)
            state = judge(
                breaching(alarm, data_points),
                periods=alarm.periods,
                to_alarm=alarm.to_alarm,
                missing=alarm.missing,
                before=before,
            )
            if state is before:
                # What was muted is done when the time is over, if the alarm is still in that state.
                if not muted and (words := self._muted.pop(alarm.name, None)):
                    _mail(folder, alarm, (words[0], state), words[1], current)
                return
            reason = _reason(alarm, data_points)
            found[index] = AlarmState(str(alarm.key), alarm.name, state, current, reason)
        self._client.ctx.say(f"alarm {alarm.name}: {before} -> {state}: {reason}")
        self._muted.pop(alarm.name, None)
        if state in alarm.notified and muted:
            self._muted[alarm.name] = before, reason
            self._client.ctx.say(f"alarm {alarm.name} is muted: nobody is told yet")
        elif state in alarm.notified:
            _mail(folder, alarm, (before, state), reason, current)


def _interval(speed: int) -> int:
    """Return after how many seconds of a clock samples are taken: one of the machine's at least."""
    return max(SAMPLED_EVERY, speed)


def _slot(current: float, speed: int) -> int:
    return int(current // _interval(speed) * _interval(speed))


def _ended(alarm: Alarm, before: int, slot: int, speed: int) -> bool:
    """Return whether a period has ended; of one that is shorter than from sample to sample nothing is known."""
    return alarm.period >= _interval(speed) and slot // alarm.period > before // alarm.period


def _balancer_samplers(client: Client, metrics: Sequence[BalancerMetric]) -> Iterator[BalancerSampler]:
    for balancer in sorted({each.balancer for each in metrics}, key=str):
        own = [each for each in metrics if each.balancer == balancer]
        yield BalancerSampler(client, balancer, own)


def _service_samplers(
    client: Client, groups: ControlGroups, metrics: Sequence[ServiceMetric], services: Sequence[Service]
) -> Iterator[ServiceSampler]:
    for service in services:
        if own := [each for each in metrics if each.service == service.key]:
            yield ServiceSampler(client, groups, service, own)


def _log_samplers(client: Client, metrics: Sequence[LogMetric], services: Sequence[Service]) -> Iterator[LogSampler]:
    for service in services:
        if own := [each for each in metrics if service.key in {key for key, _ in each.sources}]:
            yield LogSampler(client, service.key, own)


def _reason(alarm: Alarm, data_points: Sequence[float | None]) -> str:
    shown = ", ".join("no data" if each is None else f"{each:g}" for each in data_points)
    words = COMPARISONS[alarm.comparison][1]
    return (
        f"the last data points are [{shown}], each of {alarm.period} s; {alarm.to_alarm} of {alarm.periods} that are "
        f"{words} {alarm.threshold:g} ring, missing data are {alarm.missing}"
    )


def _mail(folder: Path, alarm: Alarm, change: tuple[State, State], reason: str, current: float) -> None:
    before, state = change
    send(
        folder,
        f"{alarm.name}-{state}",
        subject=f'{state}: "{alarm.name}" in {alarm.key.region}',
        to=alarm.notified[state],
        text=f"{alarm.name}: {before} -> {state}\n\n{alarm.description}\n\nReason: {reason}.\n\n"
        f"Account: {alarm.key.account}\nStack: {alarm.key.stack}\nMetrics: "
        + "; ".join(f"{name} is {stat} of {metric.words}" for name, (metric, stat) in alarm.metrics.items())
        + f"\nData point: {alarm.expression}\n",
        at=current,
    )
