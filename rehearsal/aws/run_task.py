"""What a build asks of ECS: moto keeps the books, containers run behind its RunTask, and a service's tasks are its own.

In AWS, tasks outlive the build that ran them. Here they are stopped when it ends, and that is told: a build that leaves
tasks behind pays for them.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend, Task

from containers.checkout import Context
from containers.client import Client
from containers.errors import EngineError
from rehearsal.aws.service_tasks import ServiceTask, ServiceTasks
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.plan.run import family, plan_run
from rehearsal.fargate.stand.running_task import RunningTask, Status
from rehearsal.values.stack import Stack, World

_run_task = EC2ContainerServiceBackend.run_task
_list_tasks = EC2ContainerServiceBackend.list_tasks
_stop_task = EC2ContainerServiceBackend.stop_task


class Runs:
    """The tasks that builds of one rehearsal run; ``world`` gives what is deployed."""

    def __init__(self, ctx: Context, world: Callable[[], World]) -> None:
        self._ctx, self._world = ctx, world
        self._client = Client(ctx)
        self._running: dict[str, RunningTask] = {}
        self.services = ServiceTasks(self._client, world)

    def install(self) -> None:
        """Take the place of moto's own: its tasks run at once, nowhere, and change with every look at them."""
        runs = self

        def run_task(backend: Any, *arguments: Any) -> list[Task]:
            made = _run_task(backend, *arguments)
            # The eighth is the network: moto forgets it where CloudFormation made the task definition.
            for task in made:
                runs._start(backend, task, arguments[7]["awsvpcConfiguration"])
            return made

        def stop_task(backend: Any, cluster: str, task: str, reason: str) -> Task | ServiceTask:
            of_service = runs.services.stop(backend.account_id, backend.region_name, cluster, task, reason)
            if of_service:
                return of_service
            stopped = _stop_task(backend, cluster, task, reason)
            runs._running[stopped.task_arn].stop()
            return stopped

        def list_tasks(  # noqa: PLR0917 - as moto has it
            backend: Any,
            cluster: str,
            instance: str | None = None,
            family: str | None = None,
            started_by: str | None = None,
            service: str | None = None,
            desired: str | None = None,
        ) -> list[Task | ServiceTask]:
            of_services = runs.services.of(
                backend.account_id, backend.region_name, cluster, service and service.rpartition("/")[2]
            )
            known = [] if service else _list_tasks(backend, cluster, instance, family, started_by, None, desired)
            return [*known, *(task for task in of_services if task.desired_status == (desired or "RUNNING"))]

        def describe_tasks(backend: Any, cluster: str, wanted: list[str]) -> list[Task | ServiceTask]:
            known = [task for tasks in backend.tasks.values() for task in tasks.values()]
            found = [task for task in known if any(name.endswith(task.id) for name in wanted)]
            for task in found:
                runs._look(task)
            of_services = runs.services.of(backend.account_id, backend.region_name, cluster)
            ids = {name.rpartition("/")[2] for name in wanted}
            return [*found, *(task for task in of_services if task.task_arn.rpartition("/")[2] in ids)]

        def needs(_definition: Any) -> dict[str, Any]:
            # For machines to place tasks on, of which Fargate has none; moto asks for the memory of each container.
            return {}

        changes = {
            "run_task": run_task,
            "stop_task": stop_task,
            "list_tasks": list_tasks,
            "describe_tasks": describe_tasks,
            "_calculate_task_resource_requirements": staticmethod(needs),
        }
        for name, changed in changes.items():
            setattr(EC2ContainerServiceBackend, name, changed)

    def close(self) -> int:
        """Stop and remove what still runs; how many tasks nobody had stopped, and that had not ended by themselves."""
        left = [run for run in self._running.values() if run.state().status in {Status.PENDING, Status.RUNNING}]
        for run in self._running.values():
            run.wait()
        self._running.clear()
        self.services.wait()
        return len(left)

    def _start(self, backend: Any, task: Any, network: Mapping[str, Any]) -> None:
        overrides = {
            entry["name"]: {each["name"]: each["value"] for each in entry.get("environment", ())}
            for entry in _only_variables(task.overrides)
        }
        world = self._world()
        try:
            stack = _stack_of(world, backend.account_id, backend.region_name, task.task_definition_arn)
            run = plan_run(
                world, stack, self._ctx.secret,
                definition=task.task_definition_arn, overrides=overrides,
                subnets=network["subnets"], groups=network.get("securityGroups", ()),
            )  # fmt: skip
            self._running[task.task_arn] = RunningTask(self._client, run)
        except (PlanError, EngineError) as error:
            raise InvalidParameterException(error.message) from error
        task.last_status = "PROVISIONING"
        # moto knows the first of a task's containers alone, and that it has ended well.
        [known] = task.containers
        known.exitCode, known.health_status = None, "UNKNOWN"
        task.containers = [_container(known, each.name, each.image) for each in run.task.containers]

    def _look(self, task: Any) -> None:
        run = self._running.get(task.task_arn)
        if run is None:
            return
        state = run.state()
        task.last_status = state.status
        task.stopped_reason = task.stopped_reason or state.reason
        if state.status is Status.STOPPED:
            task.desired_status = Status.STOPPED
        for container in task.containers:
            container.exitCode = state.codes.get(container.name)
            container.last_status = Status.STOPPED if container.exitCode is not None else state.status
        address = {"name": "privateIPv4Address", "value": state.address}
        task.attachments = [
            {"id": task.id, "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": [address]}
        ]


def _container(known: Any, name: str, image: str) -> Any:
    """Return a container of a task as moto keeps it."""
    container = copy.copy(known)
    container.name, container.image = name, image
    container.container_arn = f"{known.container_arn.rpartition('/')[0]}/{uuid.uuid4()}"
    return container


def _only_variables(overrides: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries: list[Mapping[str, Any]] = list(overrides.get("containerOverrides", ()))
    strange = {key for entry in entries for key in entry} - {"name", "environment"}
    strange |= set(overrides) - {"containerOverrides"}
    if strange:
        raise InvalidParameterException(f"the rehearsal overrides variables only, not {', '.join(sorted(strange))}")
    return entries


def _stack_of(world: World, account: str, region: str, definition: str) -> Stack:
    for stack in world.stacks:
        if (stack.account, stack.region) == (account, region) and any(
            family(resource.physical_id) == family(definition) for resource in stack.of_type("AWS::ECS::TaskDefinition")
        ):
            return stack
    raise PlanError(f"no deployed stack in {account}/{region} has the task definition {definition}.")
