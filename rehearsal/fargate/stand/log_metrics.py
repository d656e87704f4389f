"""What the tasks of a service print, as the metric filters of its log group count it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator

from containers.client import RESOURCE, Client
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.watched_metric import LogMetric

_CONTAINER = "floodgate.container"


class LogSampler:
    """Turns the lines of one service's containers into samples.

    What a task printed after the last look before it was removed is not counted: it is kept with its other logs.
    """

    def __init__(self, client: Client, service: Key, metrics: Collection[LogMetric]) -> None:
        self._client, self._service = client, service
        self._metrics = [
            (metric, {container for key, container in metric.sources if key == service}) for metric in metrics
        ]
        self._read_at = time.time()

    def sample(self) -> Iterator[tuple[LogMetric, float]]:
        """Yield what was printed since the last time."""
        begin, self._read_at = self._read_at, time.time()
        heard = set[str]().union(*(containers for _, containers in self._metrics))
        printed: dict[str, list[str]] = {name: [] for name in heard}
        for container in self._client.containers(f"{RESOURCE}={self._service}"):
            name = container["Config"]["Labels"].get(_CONTAINER)
            if name in printed:
                printed[name] += self._lines(str(container["Id"]), begin, self._read_at)
        for metric, containers in self._metrics:
            for value in metric.values([line for name in containers for line in printed[name]]):
                yield metric, value

    def _lines(self, container: str, begin: float, end: float) -> list[str]:
        done = self._client.run("logs", f"--since={begin:.6f}", f"--until={end:.6f}", container)
        # One that is gone by now has said its last words to those who keep its logs.
        return [] if done.returncode else [*done.stdout.splitlines(), *done.stderr.splitlines()]
