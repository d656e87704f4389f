"""Deploys one template to the emulated CloudFormation and reads back what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.cloudformation import models

from rehearsal.aws.cloudformation import generations, updates
from rehearsal.aws.cloudformation.attributes import attributes
from rehearsal.aws.cloudformation.emulated import Emulated
from rehearsal.aws.cloudformation.generations import Place
from rehearsal.aws.cloudformation.intrinsics import evaluate
from rehearsal.aws.cloudformation.patches import known_types
from rehearsal.values import template as template_of_cloudformation
from rehearsal.values import template_form, template_names
from rehearsal.values.changes import Change
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource, Stack
from rehearsal.values.state import NEVER_STOOD

# The states in which CloudFormation takes no update, and what somebody does by hand first.
UNUSABLE: Mapping[str, str] = {
    "ROLLBACK_COMPLETE": "its creation failed. "
    "In AWS somebody deletes it by hand, here `make delete-stack STACK={}` does",
    "ROLLBACK_FAILED": "its creation failed, and what of it is protected against deletion stands yet. "
    "In AWS somebody takes the protection away and deletes it by hand, here `make delete-stack STACK={}` does",
    "UPDATE_ROLLBACK_FAILED": "an update failed, and so did its rollback. "
    "In AWS somebody continues the rollback by hand, here `make continue-rollback STACK={}` does",
}


class TemplateRefused(ActionFailed):
    """CloudFormation takes no such template, or none with these parameters: it makes no stack of it."""


@dataclass
class Deployment:
    """A deployment under way: the stack as it will stand, and what changes, unless it is the stack's first.

    ``generations`` is what there has been of its resources; ``left`` tells, at the end, what could not be deleted.
    """

    stack: Stack
    generations: dict[str, int]
    changes: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def deploy(
    template: Mapping[str, Any],
    *,
    account: str,
    region: str,
    name: str,
    parameters: Mapping[str, str],
    made: Mapping[str, int] | None = None,
) -> Stack:
    """Create the stack, or update the one of that name; every resource is complete when this returns.

    ``made`` is what there has been of the resources of a stack that is put back. Raise ``ActionFailed`` with
    CloudFormation's message: a type that is not emulated, an export that no stack made, a resource that its service
    refuses.
    """
    place = Place(account, region, name)
    with deploying(template, place=place, parameters=parameters, made=made) as deployment:
        return deployment.stack


@contextmanager
def deploying(
    template: Mapping[str, Any],
    *,
    place: Place,
    parameters: Mapping[str, str],
    made: Mapping[str, int] | None = None,
) -> Iterator[Deployment]:
    """Deploy as ``deploy`` does, around what else the deployment is: an error in there rolls all of it back."""
    name = place.stack
    # What stood was taken when it was deployed: looking through it again would be a sixth of a rehearsal's start.
    if made is None:
        _check_form(template, place)
    try:
        values = template_of_cloudformation.parameters(template, parameters)
        _check_stored(template, values, place)
    except ActionFailed as error:
        raise TemplateRefused(f"the stack {name} failed: {error}") from None
    standing = _standing(place)
    if standing is not None and standing.status in UNUSABLE:
        raise ActionFailed(
            f"the stack {name} is in {standing.status} state and can not be updated: "
            + UNUSABLE[standing.status].format(name)
        )
    if standing is None:
        yield from _created(template, place, values, made or {})
    else:
        yield from _updated(standing, template, place, values)


def _check_form(template: Mapping[str, Any], place: Place) -> None:
    """Raise ``ActionFailed`` where CloudFormation, or a service by its template alone, would not take it."""
    name = place.stack
    if formless := list(template_form.faults(template)):
        raise TemplateRefused(f"the stack {name} failed: {_first(formless)}")
    if unknown := unknown_types(template):
        raise TemplateRefused(
            f"the stack {name} has resources that the emulated CloudFormation does not know: {', '.join(unknown)}. "
            "Add their types to rehearsal/aws/cloudformation, or leave them out"
        )
    # What a service refuses is found when the stack is made; a name that the template does not have, before.
    dangling = list(template_names.faults(template))
    if found := [*template_of_cloudformation.faults(template, place.region), *dangling]:
        kind = TemplateRefused if dangling else ActionFailed
        raise kind(f"the stack {name} failed: {_first(found)}")


def _first(faults: list[str]) -> str:
    return f"{faults[0]} (and {len(faults) - 1} more)" if faults[1:] else faults[0]


def _check_stored(template: Mapping[str, Any], values: Mapping[str, str], place: Place) -> None:
    """Raise ``ActionFailed`` where a parameter's value is read from the Systems Manager's, which has none of it."""
    for name, parameter in template.get("Parameters", {}).items():
        if str(parameter["Type"]).startswith("AWS::SSM::Parameter::Value<"):
            client = Emulated.surroundings.client("ssm", place.account, place.region)
            try:
                client.get_parameter(Name=values[name])
            except client.exceptions.ParameterNotFound:
                raise ActionFailed(
                    f"the parameter {name} is read from {values[name]} of Systems Manager's parameter store, and the "
                    f"account {place.account} has none in {place.region}: in a rehearsal there are those that stacks "
                    "make, and that `cdk bootstrap` does"
                ) from None


def _backend(place: Place) -> models.CloudFormationBackend:
    return models.cloudformation_backends[place.account][place.region]


def _standing(place: Place) -> models.Stack | None:
    return next((stack for stack in _backend(place).stacks.values() if stack.name == place.stack), None)


def _created(
    template: Mapping[str, Any], place: Place, values: Mapping[str, str], made: Mapping[str, int]
) -> Iterator[Deployment]:
    generations.begin(place, made)
    try:
        stack = read(_backend(place).create_stack(place.stack, json.dumps(template), dict(values)))
    except Exception as error:
        _undone(place)
        raise _failed(place, error) from error
    try:
        yield Deployment(stack, generations.of(place))
    except BaseException:
        _undone(place)
        raise


def _undone(place: Place) -> None:
    """Delete what was made of a stack whose creation failed: its name is left, which nothing can be deployed to."""
    if (stack := _standing(place)) is not None:
        updates.create_failed(stack)
    generations.begin(place, {})


def status(place: Place) -> str:
    """Return CloudFormation's status of a stack; nothing where there is none."""
    stack = _standing(place)
    return str(stack.status) if stack else ""


def remember_broken(place: Place, status: str) -> None:
    """Put back what an earlier run left of a stack that takes no deployment; one that stands keeps its resources."""
    stack = _standing(place) or _backend(place).create_stack(place.stack, '{"Resources": {}}', {})
    stack.status = status


def usable(place: Place) -> None:
    """Let a stack be deployed to again: what of it stands is as its template says, and else it is gone."""
    if (stack := _standing(place)) is None:
        return
    if stack.status in NEVER_STOOD:
        del _backend(place).stacks[stack.stack_id]
    else:
        stack.status = "UPDATE_ROLLBACK_COMPLETE"


def _updated(
    standing: models.Stack, template: Mapping[str, Any], place: Place, values: Mapping[str, str]
) -> Iterator[Deployment]:
    try:
        update = updates.begin(standing, json.dumps(template), values)
    except Exception as error:
        raise _failed(place, error) from error
    try:
        deployment = Deployment(read(update.stack), generations.of(place), update.changes)
    except Exception as error:
        update.roll_back()
        raise _failed(place, error) from error
    try:
        yield deployment
    except BaseException:
        update.roll_back()
        raise
    deployment.left = update.complete()


def _failed(place: Place, error: Exception) -> ActionFailed:
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    return ActionFailed(f"the stack {place.stack} failed: {message}")


def find(account: str, region: str, name: str) -> Stack | None:
    """Return a stack that stands there, or None."""
    made = _standing(Place(account, region, name))
    return read(made) if made is not None else None


def source(account: str, region: str, name: str) -> tuple[dict[str, Any], dict[str, str], dict[str, int]]:
    """Return template and parameters with which a stack was deployed, and what there has been of its resources."""
    place = Place(account, region, name)
    made = _backend(place).get_stack(name)
    # As it was given: moto adds to what it has read.
    return json.loads(str(made.template)), dict(made.parameters), generations.of(place)


def read(made: models.Stack) -> Stack:
    """Return a stack of moto's as plain values."""
    resources = {}
    wanted = _wanted_attributes(made.template_dict)
    place = Place(made.account_id, made.region_name, made.name)
    for logical_id, definition in made.template_dict["Resources"].items():
        resource: Any = made.resource_map[logical_id]
        if resource is None:
            continue  # its condition is false
        properties = evaluate(definition.get("Properties", {}), made.resource_map)
        resources[logical_id] = Resource(
            logical_id=logical_id,
            type=definition["Type"],
            # A type of moto's without an identifier (an ingress rule) is never referred to.
            physical_id=str(getattr(resource, "physical_resource_id", f"{made.name}-{logical_id}")),
            properties=properties,
            attributes=attributes(resource, wanted.get(logical_id, set()), logical_id),
            generation=generations.number(place, logical_id),
        )
    outputs = {output.key: str(output.value) for output in made.output_map.values() if output}
    return Stack(made.name, made.account_id, made.region_name, resources, outputs)


def unknown_types(template: Mapping[str, Any]) -> list[str]:
    """Return the template's resource types that are not emulated, sorted."""
    return sorted({resource["Type"] for resource in template["Resources"].values()} - known_types())


def _wanted_attributes(template: Mapping[str, Any]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    for value in updates.values_of("Fn::GetAtt", template):
        logical_id, name = value.split(".", 1) if isinstance(value, str) else value
        wanted.setdefault(logical_id, set()).add(name)
    return wanted
