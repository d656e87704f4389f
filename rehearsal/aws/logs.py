"""CloudWatch Logs: what the containers of standing tasks print, in the groups that their definitions name."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from moto.logs.models import logs_backends

from containers.client import Client
from rehearsal.fargate.plan.values import Key
from rehearsal.fargate.task.task import Task
from rehearsal.values.stack import Stack


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
            key = str(Key(stack.account, stack.region, stack.name, service.logical_id, service.generation))
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
        self._client = client
        self._followed: list[tuple[subprocess.Popen[str], threading.Thread]] = []

    def follow(self, stream: Stream) -> None:
        """Copy all that a container has printed, and what it will."""
        backend = logs_backends[stream.account][stream.region]
        if stream.group not in backend.groups:
            backend.create_log_group(stream.group, {})
        backend.create_log_stream(stream.group, stream.name)
        context = self._client.ctx
        reader = subprocess.Popen(
            [*context.docker, "logs", "--follow", "--timestamps", stream.container],
            env={**os.environ, **context.docker_env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        thread = threading.Thread(target=_copy, args=(reader, stream), daemon=True)
        thread.start()
        self._followed.append((reader, thread))

    def close(self) -> None:
        """Stop copying."""
        for reader, thread in self._followed:
            reader.terminate()
            reader.wait()
            thread.join()


def _copy(reader: subprocess.Popen[str], stream: Stream) -> None:
    backend = logs_backends[stream.account][stream.region]
    for line in reader.stdout or ():
        moment, _, message = line.rstrip("\n").partition(" ")
        try:
            # The engine gives nanoseconds, of which Python reads six digits.
            at = datetime.fromisoformat(moment[:26].rstrip("Z") + "+00:00")
        except ValueError:
            continue  # a word of the engine's own
        event = {"timestamp": int(at.timestamp() * 1000), "message": message}
        backend.put_log_events(stream.group, stream.name, [event])
