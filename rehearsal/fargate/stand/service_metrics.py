"""CPU and memory of a service's tasks, read from their control groups."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator

from containers.cgroups import ControlGroups, Usage
from containers.client import Client
from rehearsal.fargate.desired.service import Service
from rehearsal.fargate.desired.watched_metric import ServiceMetric
from rehearsal.fargate.task.names import resource_name


class ServiceSampler:
    """Turns what the tasks of one service use into samples: one for each task, per cent of what it may use."""

    def __init__(
        self, client: Client, groups: ControlGroups, service: Service, metrics: Collection[ServiceMetric]
    ) -> None:
        self._groups, self._task, self._metrics = groups, service.task, metrics
        self._name = resource_name(client.ctx, service.key)
        self._before: dict[str, Usage] = {}
        self._read_at = time.monotonic()

    def sample(self) -> Iterator[tuple[ServiceMetric, float]]:
        """Yield what each task has used since the last time, and how much memory it has."""
        now = {name: usage for name in self._groups.names(f"{self._name}-") if (usage := self._groups.usage(name))}
        before, self._before = self._before, now
        read_at, self._read_at = self._read_at, time.monotonic()
        seconds = (self._read_at - read_at) * self._task.cpu_units / 1024
        for metric in self._metrics:
            for name, usage in now.items():
                if metric.name == "MemoryUtilization":
                    yield metric, 100 * usage.memory_bytes / (self._task.memory_mib * 1024 * 1024)
                elif name in before:
                    yield metric, 100 * (usage.cpu_seconds - before[name].cpu_seconds) / seconds
