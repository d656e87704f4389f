"""The site that is drilled: the standing stage with a storm token, as containers and as a stack to deploy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from containers.client import RESOURCE, ROLE, Client
from drill.site_parts import Parts
from rehearsal.fargate.deploy import deploy
from rehearsal.fargate.stand.mail import folder
from rehearsal.fargate.task.attempt import part
from rehearsal.fargate.task.task import Task, tasks
from rehearsal.values.exits import Refused
from rehearsal.values.stack import Stack, sites

if TYPE_CHECKING:
    from rehearsal.runtime import Runtime

_VARIABLE = "STORM_TOKEN="


@dataclass(frozen=True)
class Site(Parts):
    """A standing site: where it is reached, its storm token, and what deploys it."""

    runtime: Runtime
    stack: Stack
    url: str
    token: str

    @classmethod
    def find(cls, runtime: Runtime) -> Site:
        """Return the site of the stage that may be stormed. Raise Refused where none stands."""
        client = Client(runtime.context)
        tokens = {
            task.service.rpartition("/")[0]: token for task in tasks(client) if (token := _token(task)) is not None
        }
        for stack in (deployed.stack() for deployed in runtime.store.standing()):
            if token := tokens.get(stack.place):
                return cls(runtime, stack, sites(stack)[0], token)
        raise Refused("no stage with a storm token stands: `make rehearse` deploys dev, which has one")

    @cached_property
    def client(self) -> Client:
        """The container engine, with this checkout's labels."""
        return Client(self.runtime.context)

    @property
    def engine(self) -> Client:
        """What calls the container engine."""
        return self.client

    def deploy(self, stack: Stack | None = None) -> None:
        """Bring what runs to what a stack says: by default to the one that stands, and leave what is well."""
        wanted = stack or self.stack
        log = self.runtime.store.folder / "drill" / "deployments.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            context = replace(self.runtime.context, say=lambda line: print(line, file=stream, flush=True))
            deploy(self.runtime.world(wanted), wanted, context)

    def tasks(self) -> list[Task]:
        """Return the tasks that are in service, the oldest first."""
        own = f"{self.stack.place}/"
        return [task for task in tasks(self.client) if task.in_service and task.service.startswith(own)]

    def container(self, name: str) -> str:
        """Return a container of the oldest task, as the engine calls it."""
        return part(self.tasks()[0].name, name)

    @property
    def network(self) -> str:
        """The container that holds the oldest task's network."""
        return self.tasks()[0].name

    @property
    def database(self) -> str:
        """The database's container."""
        own = f"{self.stack.place}/"
        found = self.client.containers(f"{ROLE}=database")
        return next(str(each["Id"]) for each in found if each["Config"]["Labels"][RESOURCE].startswith(own))

    @property
    def mail_server(self) -> str:
        """The mail server's container; empty where the site sends no mail."""
        own = f"{self.stack.place}/"
        found = self.client.containers(f"{ROLE}=mail")
        return next((str(each["Id"]) for each in found if each["Config"]["Labels"][RESOURCE].startswith(own)), "")

    @property
    def mails(self) -> Path:
        """The folder of the mails that the server has."""
        return folder(self.runtime.context.state) / self.stack.name

    def of_tasks(self, count: int) -> Stack:
        """Return the stack with so many tasks of its service."""
        return self._changed("AWS::ApplicationAutoScaling::ScalableTarget", MinCapacity=count, MaxCapacity=count)

    def with_image(self, container: str, image: str, **environment: str) -> Stack:
        """Return the stack with another image, and more variables, for a container of the task."""
        changed = self.stack
        for name, resource in self.stack.resources.items():
            if resource.type != "AWS::ECS::TaskDefinition":
                continue
            definitions = [
                {
                    **each,
                    "Image": image,
                    "Environment": [
                        *each.get("Environment", []),
                        *({"Name": variable, "Value": value} for variable, value in environment.items()),
                    ],
                }
                if each["Name"] == container
                else each
                for each in resource.properties["ContainerDefinitions"]
            ]
            properties = {**resource.properties, "ContainerDefinitions": definitions}
            changed = replace(changed, resources={**changed.resources, name: replace(resource, properties=properties)})
        return changed

    def image(self, container: str) -> str:
        """Return the image that a container of the oldest task runs, by the tag that keeps it for this checkout."""
        number = self.client("inspect", "--format={{.Image}}", self.container(container)).removeprefix("sha256:")
        return f"{self.client.ctx.prefix}/task:{number[:12]}"

    def _changed(self, kind: str, **properties: object) -> Stack:
        changed = {
            name: replace(resource, properties={**resource.properties, **properties})
            if resource.type == kind and "ecs:service:DesiredCount" in str(resource.properties)
            else resource
            for name, resource in self.stack.resources.items()
        }
        return replace(self.stack, resources=changed)


def _token(task: Task) -> str | None:
    variables = (line for container in task.containers for line in container["Config"]["Env"] or ())
    return next(
        (line.removeprefix(_VARIABLE) for line in variables if line.startswith(_VARIABLE) and line != _VARIABLE), None
    )
