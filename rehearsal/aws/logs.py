"""CloudWatch Logs: what the containers of standing tasks print, in the groups that their definitions name."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime

from moto.logs.models import logs_backends

from containers.client import Client
from containers.engine import Engine
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.task.task import Task
from rehearsal.values.stack import Stack

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z")


@dataclass(frozen=True)
class Stream:
    """A container of a task, and the stream of a log group that its definition sends its output to."""

    account: str
    region: str
    group: str
    name: str
    container: str


def streams(stacks: Iterable[Stack], tasks: Iterable[Task]) -> Iterator[Stream]:
    """Yield a stream for each container of the services' tasks whose definition has the ``awslogs`` driver."""
    running = list(tasks)
    for stack in stacks:
        definitions = {each.physical_id: each for each in stack.of_type("AWS::ECS::TaskDefinition")}
        for service in stack.of_type("AWS::ECS::Service"):
            key = str(Key.of(stack, service))
            definition = definitions.get(str(service.properties.get("TaskDefinition")))
            options = {
                str(container["Name"]): container["LogConfiguration"]["Options"]
                for container in (definition.properties["ContainerDefinitions"] if definition else ())
                if container.get("LogConfiguration", {}).get("LogDriver") == "awslogs"
            }
            for task in running:
                if task.service != key:
                    continue
                for container in task.containers:
                    name = str(container["Config"]["Labels"].get("floodgate.container"))
                    if name in options:
                        group, prefix = options[name]["awslogs-group"], options[name].get("awslogs-stream-prefix", "")
                        stream = f"{prefix}/{name}/{task.short}"
                        yield Stream(stack.account, stack.region, str(group), stream, str(container["Id"]))


class Logs:
    """Copies what containers print to the emulated CloudWatch Logs, until it is closed."""

    def __init__(self, client: Client) -> None:
        self._engine = Engine(client.ctx.docker, client.ctx.docker_env)
        self._open = ExitStack()

    def follow(self, stream: Stream) -> None:
        """Copy all that a container has printed, and what it will."""
        backend = logs_backends[stream.account][stream.region]
        if stream.group not in backend.groups:
            backend.create_log_group(stream.group, {})
        backend.create_log_stream(stream.group, stream.name)
        lines = self._open.enter_context(self._engine.following("logs", "--follow", "--timestamps", stream.container))
        threading.Thread(target=_copy, args=(lines, stream), daemon=True).start()

    def close(self) -> None:
        """Stop copying."""
        self._open.close()


def _copy(lines: Iterable[str], stream: Stream) -> None:
    backend = logs_backends[stream.account][stream.region]
    with suppress(ValueError):  # the lines are closed, by another thread
        for line in lines:
            moment, _, message = line.rstrip("\n").partition(" ")
            if _MOMENT.fullmatch(moment):
                # The engine gives nanoseconds, of which Python reads six digits.
                at = datetime.fromisoformat(moment[:26].rstrip("Z") + "+00:00")
                event = {"timestamp": int(at.timestamp() * 1000), "message": message}
                backend.put_log_events(stream.group, stream.name, [event])
