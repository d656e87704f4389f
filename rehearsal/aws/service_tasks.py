"""The tasks of services, as ECS's ListTasks, DescribeTasks and StopTask know them: the containers that stand for them.

In AWS the scheduler starts another task while the stopped one is still draining; here it is started when that has gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.errors import DeploymentFailed, PlanError
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.stand.replacement import replace_task
from rehearsal.fargate.task.task import Task, tasks
from rehearsal.values.stack import Stack, World


@dataclass(frozen=True)
class ServiceTask:
    """A task in the words of ECS's API, under the names that moto's responses are made from."""

    task_arn: str
    cluster_arn: str
    group: str
    last_status: str
    desired_status: str
    health_status: str
    stopped_reason: str = ""


@dataclass(frozen=True)
class _Service:
    stack: Stack
    key: Key
    name: str
    cluster: str


class ServiceTasks:
    """The tasks of all services that ``world`` has deployed."""

    def __init__(self, client: Client, world: Callable[[], World]) -> None:
        self._client, self._world = client, world
        self._stopped: dict[str, str] = {}
        self._replacing: list[threading.Thread] = []
        # Two stops of one service would each count the other's task as one that is there.
        self._alone = threading.Lock()

    def of(self, account: str, region: str, cluster: str, service: str | None = None) -> list[ServiceTask]:
        """Return the tasks of a cluster's services, or of one of them by name or ARN."""
        return [shown for shown, _, _ in self._found(account, region, cluster, service)]

    def stop(self, account: str, region: str, cluster: str, name: str, reason: str) -> ServiceTask | None:
        """Stop a task by its id or ARN, in the background, and replace it; None where no service has it."""
        for shown, task, service in self._found(account, region, cluster, None):
            if shown.task_arn.rpartition("/")[2] == name.rpartition("/")[2]:
                if task.name not in self._stopped:
                    self._stopped[task.name] = reason
                    thread = threading.Thread(target=self._replace, args=(service, task))
                    self._replacing.append(thread)
                    thread.start()
                return _shown(service, task, reason)
        return None

    def wait(self) -> None:
        """Return when what was stopped has been replaced."""
        for thread in self._replacing:
            thread.join()
        self._replacing.clear()

    def _found(
        self, account: str, region: str, cluster: str, service: str | None
    ) -> Iterator[tuple[ServiceTask, Task, _Service]]:
        for each in self._services(account, region):
            if each.cluster == cluster.rpartition("/")[2] and service in {None, each.name}:
                for task in tasks(self._client, str(each.key)):
                    yield _shown(each, task, self._stopped.get(task.name)), task, each

    def _services(self, account: str, region: str) -> Iterator[_Service]:
        for stack in self._world().stacks:
            if (stack.account, stack.region) == (account, region):
                for resource in stack.of_type("AWS::ECS::Service"):
                    cluster = str(resource.properties.get("Cluster", "default")).rpartition("/")[2]
                    name = resource.physical_id.rpartition("/")[2]
                    yield _Service(stack, Key.of(stack, resource), name, cluster)

    def _replace(self, service: _Service, task: Task) -> None:
        say = self._client.ctx.say
        with self._alone:
            say(f"service {service.key.short}: its task {task.short} is stopped: {self._stopped[task.name]}")
            try:
                replace_task(self._client, self._world(), service.stack, service.key, task.name)
            except (DeploymentFailed, EngineError, PlanError) as error:
                say(f"service {service.key.short}: no task could be put in the place of {task.short}: {error}")


def _shown(service: _Service, task: Task, stopped: str | None) -> ServiceTask:
    place = f"arn:aws:ecs:{service.stack.region}:{service.stack.account}"
    if stopped is not None:
        status = ("DEACTIVATING", "STOPPED", "UNKNOWN")
    elif not task.in_service:
        status = ("PENDING", "RUNNING", "UNKNOWN")
    else:
        status = ("RUNNING", "RUNNING", "HEALTHY" if task.well else "UNHEALTHY")
    return ServiceTask(
        f"{place}:task/{service.cluster}/{task.short}", f"{place}:cluster/{service.cluster}",
        f"service:{service.name}", *status, stopped or "",
    )  # fmt: skip
