"""What is changed in moto's updates and change sets, and why.

- What a stack exports is registered after an update too; moto does so for a creation only.
- An output whose condition is false exports nothing.
- What an update takes out of a stack stays where its policy says so; moto asks for it only when a stack is deleted.
- A change set that does not exist is deleted without a word, and not found by CloudFormation's own error: so the CDK
  CLI begins each deployment.
- A parameter's previous value is the one that was given, not what the Systems Manager made of it.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError

from rehearsal.aws.cloudformation.intrinsics import evaluate

_moto_update_stack = models.CloudFormationBackend.update_stack
_moto_delete_change_set = models.CloudFormationBackend.delete_change_set
_moto_describe_change_set = models.CloudFormationBackend.describe_change_set
_moto_apply = models.ChangeSet.apply


def _update_stack(backend: models.CloudFormationBackend, *args: Any, **kwargs: Any) -> models.Stack:
    stack = _moto_update_stack(backend, *args, **kwargs)
    _register_exports(backend, stack)
    return stack


class _ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def _has_change_set(backend: models.CloudFormationBackend, name: str) -> bool:
    return any(name in {identity, known.change_set_name} for identity, known in backend.change_sets.items())


def _delete_change_set(backend: models.CloudFormationBackend, change_set_name: str) -> None:
    if _has_change_set(backend, change_set_name):
        _moto_delete_change_set(backend, change_set_name)


def _describe_change_set(backend: models.CloudFormationBackend, change_set_name: str) -> models.ChangeSet | None:
    if not _has_change_set(backend, change_set_name):
        raise _ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
    return _moto_describe_change_set(backend, change_set_name)


def _given_parameters(stack: models.Stack) -> dict[str, Any]:
    defined = stack.template_dict.get("Parameters", {})
    return {name: stack.parameters.get(name, parameter.get("Default")) for name, parameter in defined.items()}


def _apply(change_set: models.ChangeSet) -> None:
    stack = change_set.stack
    stack.template = change_set.template
    stack._parse_template()
    _moto_apply(change_set)
    stack.output_map = stack._create_output_map()
    _register_exports(models.cloudformation_backends[stack.account_id][stack.region_name], stack)


def _register_exports(backend: models.CloudFormationBackend, stack: models.Stack) -> None:
    for name in [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
        del backend.exports[name]
    backend.exports.update((export.name, export) for export in stack.exports)


def _exports(outputs: parsing.OutputMap) -> list[parsing.Export]:
    return [
        parsing.Export(
            outputs._stack_id, evaluate(output["Export"]["Name"], outputs._resource_map),
            evaluate(output["Value"], outputs._resource_map),
        )
        for name, output in (outputs._output_json_map or {}).items()
        if "Export" in output and outputs[name] is not None
    ]  # fmt: skip


_moto_delete_resource = parsing.ResourceMap._delete_resource


def _delete_resource(resources: parsing.ResourceMap, resource: Any, definition: dict[str, Any]) -> None:
    if definition.get("DeletionPolicy", "Delete") not in {"Retain", "RetainExceptOnCreate"}:
        _moto_delete_resource(resources, resource, definition)


# Class, attribute, and what takes its place.
CHANGES: tuple[tuple[type, str, object], ...] = (
    (models.CloudFormationBackend, "update_stack", _update_stack),
    (models.CloudFormationBackend, "delete_change_set", _delete_change_set),
    (models.CloudFormationBackend, "describe_change_set", _describe_change_set),
    (models.ChangeSet, "apply", _apply),
    (parsing.OutputMap, "exports", property(_exports)),
    (parsing.ResourceMap, "_delete_resource", _delete_resource),
    (models.Stack, "stack_parameters", property(_given_parameters)),
)
