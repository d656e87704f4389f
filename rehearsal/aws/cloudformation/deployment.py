"""Deploys one template to the emulated CloudFormation and reads back what came of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.cloudformation import models, parsing

from rehearsal.aws.cloudformation.attributes import attributes
from rehearsal.aws.cloudformation.patches import known_types
from rehearsal.values import template as template_of_cloudformation
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource, Stack

# What CloudFormation leaves of a stack whose creation failed.
_FAILED = "ROLLBACK_COMPLETE"


def deploy(
    template: Mapping[str, Any], *, account: str, region: str, name: str, parameters: Mapping[str, str]
) -> Stack:
    """Create the stack, or update the one of that name; every resource is complete when this returns.

    Raise ``ActionFailed`` with CloudFormation's message: a type that is not emulated, an export that no stack made,
    a resource that its service refuses.
    """
    if unknown := unknown_types(template):
        raise ActionFailed(
            f"the stack {name} has resources that the emulated CloudFormation does not know: {', '.join(unknown)}. "
            "Add their types to rehearsal/aws/cloudformation, or leave them out"
        )
    if found := list(template_of_cloudformation.faults(template)):
        more = f" (and {len(found) - 1} more)" if found[1:] else ""
        raise ActionFailed(f"the stack {name} failed: {found[0]}{more}")
    try:
        values = template_of_cloudformation.parameters(template, parameters)
    except ActionFailed as error:
        raise ActionFailed(f"the stack {name} failed: {error}") from None
    backend = models.cloudformation_backends[account][region]
    body = json.dumps(template)
    standing = next((stack for stack in backend.stacks.values() if stack.name == name), None)
    if standing is not None and standing.status == _FAILED:
        raise ActionFailed(
            f"the stack {name} is in {_FAILED} state and can not be updated: its creation failed. Delete it first"
        )
    try:
        if standing is not None:
            pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
            made = backend.update_stack(name, body, role_arn=None, parameters=pairs, tags=None)
        else:
            made = backend.create_stack(name, body, values)
    except Exception as error:
        for failed in backend.stacks.values():
            if failed.name == name and standing is None:
                failed.status = _FAILED
        message = getattr(error, "message", None) or str(error) or type(error).__name__
        raise ActionFailed(f"the stack {name} failed: {message}") from error
    return read(made)


def find(account: str, region: str, name: str) -> Stack | None:
    """Return a stack that stands there, or None."""
    for made in models.cloudformation_backends[account][region].stacks.values():
        if made.name == name:
            return read(made)
    return None


def source(account: str, region: str, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the template and the parameters with which a stack that stands there was deployed."""
    made = models.cloudformation_backends[account][region].get_stack(name)
    # As it was given: moto adds to what it has read.
    return json.loads(str(made.template)), dict(made.parameters)


def read(made: models.Stack) -> Stack:
    """Return a stack of moto's as plain values."""
    resources = {}
    wanted = _wanted_attributes(made.template_dict)
    for logical_id, definition in made.template_dict["Resources"].items():
        resource: Any = made.resource_map[logical_id]
        if resource is None:
            continue  # its condition is false
        properties = parsing.clean_json(copy.deepcopy(definition.get("Properties", {})), made.resource_map)
        resources[logical_id] = Resource(
            logical_id=logical_id,
            type=definition["Type"],
            # A type of moto's without an identifier (an ingress rule) is never referred to.
            physical_id=str(getattr(resource, "physical_resource_id", f"{made.name}-{logical_id}")),
            properties=properties,
            attributes=attributes(resource, wanted.get(logical_id, set()), logical_id),
        )
    outputs = {output.key: str(output.value) for output in made.output_map.values() if output}
    return Stack(made.name, made.account_id, made.region_name, resources, outputs)


def unknown_types(template: Mapping[str, Any]) -> list[str]:
    """Return the template's resource types that are not emulated, sorted."""
    return sorted({resource["Type"] for resource in template["Resources"].values()} - known_types())


def exports(template: Mapping[str, Any]) -> set[str]:
    """Return the names that a template exports, as far as they are plain text (CDK's are)."""
    names = (output.get("Export", {}).get("Name") for output in template.get("Outputs", {}).values())
    return {name for name in names if isinstance(name, str)}


def imports(template: Mapping[str, Any]) -> set[str]:
    """Return the names that a template imports."""
    return {value for value in _values_of("Fn::ImportValue", template) if isinstance(value, str)}


def check_exports(
    name: str,
    new: Mapping[str, Any],
    standing: Mapping[str, Any] | None,
    others: Iterable[tuple[str, Mapping[str, Any]]],
) -> None:
    """Refuse to remove an export that a standing stack imports, as CloudFormation does.

    ``others`` are the other standing stacks of the same account and region: name and template.
    """
    if standing is None:
        return
    removed = exports(standing) - exports(new)
    for other, template in others:
        for export in sorted(removed & imports(template)):
            raise ActionFailed(
                f"the stack {name} failed: export {export} cannot be deleted as it is in use by {other}. Deploy a "
                "version first in which nothing imports it but it is still exported (Stack.export_value)"
            )


def _wanted_attributes(template: Mapping[str, Any]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    for value in _values_of("Fn::GetAtt", template):
        logical_id, name = value.split(".", 1) if isinstance(value, str) else value
        wanted.setdefault(logical_id, set()).add(name)
    return wanted


def _values_of(function: str, value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        if function in value:
            yield value[function]
        for item in value.values():
            yield from _values_of(function, item)
    elif isinstance(value, list):
        for item in value:
            yield from _values_of(function, item)
