"""Faults to put into a template, so that a check can show that it notices them."""

from __future__ import annotations

import marshal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from tests.templates.world import Template, of_type


@dataclass(frozen=True)
class Fault:
    """A change of one template; ``stage`` is where it is tried, ``stack`` which of the stage's stacks it changes."""

    name: str
    change: Callable[[Template], object]
    stage: str = "Prod"
    stack: str = "WordPress"

    def __str__(self) -> str:
        return self.name


def copied(template: Template) -> Template:
    """Return a template to put a fault into: ``marshal`` copies plain values in a fifth of ``deepcopy``'s time."""
    return cast(Template, marshal.loads(marshal.dumps(template)))


def in_dev(fault: Fault) -> Fault:
    """Return the same fault in dev."""
    return replace(fault, stage="Dev")


def in_network(fault: Fault) -> Fault:
    """Return the same fault in the network stack."""
    return replace(fault, stack="Network")


def put(where: str, path: str, value: Any) -> Fault:
    """Set a property to a wrong value; ``where`` is as in ``find``, ``path`` has keys and indexes between dots."""

    def change(template: Template) -> None:
        holder, key = _walk(find(template, where), path)
        holder[key] = value

    return Fault(f"{where}.{path} = {value}", change)


def put_variable(where: str, name: str, value: str) -> Fault:
    """Set a variable of a build project to a wrong value."""

    def change(template: Template) -> None:
        variables = find(template, where)["Environment"]["EnvironmentVariables"]
        (variable,) = (each for each in variables if each["Name"] == name)
        variable["Value"] = value

    return Fault(f"{where}.{name} = {value}", change)


def add(where: str, path: str, value: Any) -> Fault:
    """Append to a list."""

    def change(template: Template) -> None:
        holder, key = _walk(find(template, where), path)
        holder[key].append(value)

    return Fault(f"{where}.{path} + {value}", change)


def drop(where: str, path: str) -> Fault:
    """Take a property, or an item of a list, away."""

    def change(template: Template) -> None:
        holder, key = _walk(find(template, where), path)
        del holder[key]

    return Fault(f"no {where}.{path}", change)


def remove(where: str) -> Fault:
    """Take a resource away."""

    def change(template: Template) -> None:
        del template["Resources"][_name(template, where)]

    return Fault(f"no {where}", change)


def find(template: Template, where: str) -> Any:
    """Find what ``where`` says.

    ``ECS::Service`` is the properties of the first one, ``EC2::SecurityGroup/Database`` of the first with that in its
    logical id, ``EFS::FileSystem!`` is the resource around them; ``container/nginx`` and ``Outputs`` are themselves.
    """
    if where.startswith("container/"):
        definitions = [
            each for task in of_type(template, "ECS::TaskDefinition").values() for each in task["ContainerDefinitions"]
        ]
        return next(each for each in definitions if each["Name"] == where.removeprefix("container/"))
    if where in template:
        return template[where]
    resource = template["Resources"][_name(template, where.removesuffix("!"))]
    return resource if where.endswith("!") else resource["Properties"]


def _name(template: Template, where: str) -> str:
    kind, _, part = where.partition("/")
    return next(name for name in of_type(template, kind) if part in name)


def _walk(holder: Any, path: str) -> tuple[Any, Any]:
    *steps, last = (int(step) if step.lstrip("-").isdigit() else step for step in path.split("."))
    for step in steps:
        holder = holder[step]
    return holder, last


def without_waiting_for(part: str) -> Fault:
    """Let the service wait for everything but what has ``part`` in its logical id."""

    def change(template: Template) -> None:
        service = find(template, "ECS::Service!")
        service["DependsOn"] = [name for name in service["DependsOn"] if part not in name]

    return Fault(f"the service does not wait for {part}", change)
