"""Updates as CloudFormation makes them, and what is changed in moto's change sets, and why.

- What can be set at a creation only is replaced by another resource. What is new is made first; what goes is deleted
  when all else is done, where its policy lets it. Moto deletes first, replaces nothing, and looks at a
  property's text alone, so that it does not see what changes because another resource does.
- An update that fails is rolled back: what it made goes, what it changed is changed back, and what it wanted to delete
  has never gone.
- An export that another stack imports keeps its name and its value.
- What a stack exports is registered after an update too; moto does so for a creation only.
- An output whose condition is false exports nothing.
- A change set that does not exist is deleted without a word, and not found by CloudFormation's own error: so the CDK
  CLI begins each deployment.
- A parameter's previous value is the one that was given, not what the Systems Manager made of it.
- A security group that is changed keeps the rules that are resources of their own; moto makes another in its place.
- A policy that IAM refuses leaves the one before; moto takes that away first, and a rollback finds none.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.ec2.models.security_groups import SecurityGroup
from moto.iam.models import IAMBackend, InlinePolicy

from rehearsal.aws.cloudformation import generations, removals
from rehearsal.aws.cloudformation.emulated import Emulated
from rehearsal.aws.cloudformation.generations import Place
from rehearsal.aws.cloudformation.intrinsics import evaluate
from rehearsal.values import changes
from rehearsal.values.changes import Action, Change, Text

_log = logging.getLogger(__name__)

_moto_update_stack = models.CloudFormationBackend.update_stack
_moto_delete_change_set = models.CloudFormationBackend.delete_change_set
_moto_describe_change_set = models.CloudFormationBackend.describe_change_set
_moto_apply = models.ChangeSet.apply
_moto_delete_resource = parsing.ResourceMap._delete_resource
_moto_create_group = SecurityGroup.create_from_cloudformation_json
_moto_update_group = SecurityGroup.update_from_cloudformation_json
_moto_update_policy = IAMBackend.update_inline_policy

# How often what depends on others is tried again: as deep as a chain of resources may be.
_PASSES = 10


class Update:
    """An update of a stack that is under way: all that is new is made, nothing that goes is deleted yet."""

    def __init__(self, stack: models.Stack) -> None:
        """Keep what a rollback needs; the stack is as it was."""
        self.stack = stack
        self.changes: list[Change] = []
        resources = stack.resource_map
        self._place = Place(stack.account_id, stack.region_name, stack.name)
        self._made = generations.of(self._place)
        self._before = dict(resources._parsed_resources)
        self._template, self._parameters = stack.template, dict(stack.parameters)
        self._definitions = stack.template_dict
        self._exports = {export.name: str(export.value) for export in stack.exports}
        self._undo: list[Change] = []

    def forward(self, template: dict[str, Any], parameters: Mapping[str, Any] | None) -> None:
        """Make and change what the template says; raise moto's error for what is refused, and leave the rest undone."""
        resources = self.stack.resource_map
        before = Text(resources._template, dict(resources.resolved_parameters))
        values = {name: self._values(name) for name in resources._resource_json_map}
        self._load(template, parameters)
        after = Text(template, dict(resources.resolved_parameters))
        replaced = set[str]()
        while True:
            self.changes = changes.between(before, after, replaced)
            for refusal in changes.named(self.changes, template):
                raise ValidationError(message=refusal)
            self._make()
            # An attribute of what is replaced may be what it was: a port is.
            others = {change.logical_id for change in self.changes if self._differs(values, change, change.dynamic)}
            if others <= replaced:
                break
            replaced |= others
        changed = [
            change
            for change in self.changes
            if change.action is Action.MODIFY and self._differs(values, change, change.properties)
        ]
        self._undo += changed
        self._change(changed)

    def _make(self) -> None:
        """Make what is new, and what replaces others, as far as that has not been done."""
        made = {change.logical_id for change in self._undo}
        todo = [
            change for change in self.changes if change.action is not Action.MODIFY and change.logical_id not in made
        ]
        self._undo += todo
        for change in todo:
            if change.goes:
                generations.count(self._place, change.logical_id)
                self.stack.resource_map._parsed_resources.pop(change.logical_id, None)
        for change in todo:
            if change.action is not Action.REMOVE:
                # Whether its own condition holds is known to the map, which then makes it.
                self.stack.resource_map[change.logical_id]

    def _differs(self, values: Mapping[str, Mapping[str, Any]], change: Change, places: Iterable[str]) -> bool:
        """Return whether any of these places has another value than before the update."""
        before, name = values.get(change.logical_id, {}), change.logical_id
        tops = {place.partition(".")[0] for place in places}
        return any(before.get(top) != self._value(name, top) for top in tops)

    def _values(self, logical_id: str) -> dict[str, Any]:
        """Return what each property of a resource that stands is; nothing for one whose condition is false."""
        if self._before.get(logical_id) is None:
            return {}
        properties = self.stack.resource_map._resource_json_map[logical_id].get("Properties", {})
        return {name: self._value(logical_id, name) for name in properties}

    def _value(self, logical_id: str, name: str) -> Any:
        resources = self.stack.resource_map
        return evaluate(resources._resource_json_map[logical_id].get("Properties", {}).get(name), resources)

    def complete(self) -> list[str]:
        """Delete what goes; a sentence for each resource that cannot be deleted, and stays outside of the stack."""
        _register_exports(self.stack)
        gone = {change.logical_id: self._before.get(change.logical_id) for change in self.changes if change.deleted}
        definitions = self._definitions.get("Resources", {})
        saved = {change.logical_id for change in self.changes if change.policy == changes.SNAPSHOT}
        return [
            f"{name} ({definitions[name]['Type']}) could not be deleted and stays, out of the stack: {reason}"
            for name, reason in _deleted(self.stack.resource_map, gone, definitions, saved).items()
        ]

    def roll_back(self) -> None:
        """Bring the stack back to what it was; raise moto's error where a resource cannot be changed back."""
        stack, resources = self.stack, self.stack.resource_map
        made, definitions = resources._parsed_resources, resources._resource_json_map
        changed = [change for change in self._undo if change.action is Action.MODIFY]
        new = {
            change.logical_id: made.pop(change.logical_id, None)
            for change in self._undo
            if change.action in {Action.ADD, Action.REPLACE}
        }
        stack.template, stack.template_dict, stack.parameters = self._template, self._definitions, self._parameters
        stack.status = "UPDATE_ROLLBACK_FAILED"
        _tell_left(stack, _deleted(resources, new, definitions))
        generations.begin(self._place, self._made)
        self._load(self._definitions, self._parameters)
        gone = (change.logical_id for change in self.changes if change.goes)
        made.update({name: self._before[name] for name in gone if name in self._before})
        self._change(changed)
        stack.output_map = stack._create_output_map()
        stack.status = "UPDATE_ROLLBACK_COMPLETE"
        stack._add_stack_event(stack.status)
        _register_exports(stack)

    def check_exports(self) -> None:
        """Refuse to take away, or to change, an export that another stack imports."""
        now = {export.name: str(export.value) for export in self.stack.exports}
        for other in _backend(self.stack).stacks.values():
            if other is self.stack:
                continue
            for name in sorted(set(imports(other.template_dict)) & set(self._exports)):
                if name not in now:
                    raise ValidationError(
                        message=f"export {name} cannot be deleted as it is in use by {other.name}. Deploy a version "
                        "first in which nothing imports it but it is still exported (Stack.export_value)"
                    )
                if now[name] != self._exports[name]:
                    raise ValidationError(
                        message=f"export {name} cannot be updated as it is in use by {other.name}: what it names is "
                        "replaced. Export the new resource under another name beside it, and let go of this one when "
                        f"{other.name} imports that"
                    )

    def _load(self, template: dict[str, Any], parameters: Mapping[str, Any] | None) -> None:
        resources = self.stack.resource_map
        resources._template, resources._resource_json_map = template, template["Resources"]
        if parameters is not None:
            resources.input_parameters = dict(parameters)
        resources.resolved_parameters = {}
        resources.load_mapping()
        resources.transform_mapping()
        resources.load_parameters()
        resources.load_conditions()

    def _change(self, changed: list[Change]) -> None:
        """Change resources in place, those that others need sooner or later first."""
        resources, waiting = self.stack.resource_map, list(changed)
        for attempt in range(_PASSES):
            failed: list[Change] = []
            for change in waiting:
                name = change.logical_id
                try:
                    resources._parsed_resources[name] = parsing.parse_and_update_resource(
                        name,
                        resources._resource_json_map[name],
                        resources,
                        account_id=self._place.account,
                        region_name=self._place.region,
                    )
                except Exception:
                    if attempt == _PASSES - 1 or len(failed) == len(waiting) - 1:
                        raise
                    failed.append(change)
            if not (waiting := failed):
                return


def begin(stack: models.Stack, template: str, parameters: Mapping[str, str] | None) -> Update:
    """Update a stack up to where only deletions are left; where it fails, it is as it was before the error comes."""
    update = Update(stack)
    pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()]
    _under_way.append(update)
    try:
        _moto_update_stack(_backend(stack), stack.name, template, role_arn=None, parameters=pairs, tags=None)
        update.check_exports()
    except Exception:
        update.roll_back()
        raise
    finally:
        _under_way.remove(update)
    return update


# The update for which moto is called just now: it is to be completed later.
_under_way: list[Update] = []


def _update_resources(
    resources: parsing.ResourceMap, template: dict[str, Any], parameters: dict[str, Any] | None = None
) -> None:
    [update] = [update for update in _under_way if update.stack.resource_map is resources]
    update.forward(template, parameters)


def _update_stack(backend: models.CloudFormationBackend, name: str, template: str, **more: Any) -> models.Stack:
    stack = backend.get_stack(name)
    values = backend._resolve_update_parameters(instance=stack, incoming_params=more["parameters"])
    begin(stack, template, values).complete()
    return stack


def create_failed(stack: models.Stack) -> None:
    """Delete what was made of a stack whose creation failed; what stays of it is its name, and what is protected."""
    definitions = stack.template_dict["Resources"]
    made = {name: stack.resource_map._parsed_resources.pop(name, None) for name in definitions}
    _tell_left(stack, left := _deleted(stack.resource_map, made, definitions))
    _forget_exports(stack)
    stack.status = "ROLLBACK_FAILED" if left else "ROLLBACK_COMPLETE"
    stack._add_stack_event(stack.status)


def _deleted(
    resources: parsing.ResourceMap,
    gone: Mapping[str, Any],
    definitions: Mapping[str, Any],
    saved: Collection[str] = (),
) -> dict[str, str]:
    """Delete resources, those on which others depend later; return those that cannot be, each with the reason.

    Of the ``saved`` ones a snapshot is taken.
    """
    waiting, left = [name for name, made in gone.items() if made is not None], dict[str, str]()
    for _ in range(_PASSES):
        left = {}
        for name in reversed(waiting):
            try:
                _check_protection(resources, definitions[name])
                if name in saved and isinstance(gone[name], Emulated):
                    gone[name].delete_to_snapshot()
                else:
                    _delete(resources, gone[name], definitions[name])
            except Exception as error:  # noqa: BLE001 - whatever a service says, it is tried again, and told
                left[name] = getattr(error, "message", None) or str(error) or type(error).__name__
        if len(left) == len(waiting):
            break
        waiting = [name for name in waiting if name in left]
    return {name: left[name] for name in waiting if name in left}


def _check_protection(resources: parsing.ResourceMap, definition: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` where its service refuses to delete a resource: moto's load balancer knows no protection."""
    text = Text(resources._template, dict(resources.resolved_parameters))
    if changes.protected(text.settled(definition.get("Properties", {}))):
        raise ValueError("it is protected against deletion; take the protection away, and delete it by hand")


def _tell_left(stack: models.Stack, left: Mapping[str, str]) -> None:
    for name, reason in left.items():
        _log.warning("rollback of %s: %s could not be deleted: %s", stack.name, name, reason)


def _delete_all(resources: parsing.ResourceMap) -> None:
    """Delete a stack's resources where their policies say so."""
    definitions = resources._resource_json_map
    gone = {
        name: resources._parsed_resources.get(name)
        for name, definition in definitions.items()
        if changes.policy(definition, "DeletionPolicy") in changes.DELETED
    }
    saved = {name for name in gone if changes.policy(definitions[name], "DeletionPolicy") == changes.SNAPSHOT}
    if left := _deleted(resources, gone, definitions, saved):
        raise ValidationError(message="; ".join(f"{name}: {reason}" for name, reason in left.items()))


def _delete(resources: parsing.ResourceMap, made: Any, definition: dict[str, Any]) -> None:
    if (found := removals.removal(definition["Type"])) is None:
        _moto_delete_resource(resources, made, definition)
        return
    service, remove = found
    try:
        remove(Emulated.surroundings.client(service, resources._account_id, resources._region_name), made)
    except ClientError as error:
        # What went with something else is gone, as for CloudFormation: a rule with its security group.
        if not error.response["Error"]["Code"].endswith("NotFound"):
            raise


def imports(template: Mapping[str, Any]) -> set[str]:
    """Return the names that a template imports, as far as they are plain text (CDK's are)."""
    return {value for value in values_of("Fn::ImportValue", template) if isinstance(value, str)}


def exports(template: Mapping[str, Any]) -> set[str]:
    """Return the names that a template exports, as far as they are plain text."""
    names = (output.get("Export", {}).get("Name") for output in template.get("Outputs", {}).values())
    return {name for name in names if isinstance(name, str)}


def values_of(function: str, value: Any) -> Iterator[Any]:
    """Yield the arguments of an intrinsic function, wherever it stands."""
    if isinstance(value, Mapping):
        if function in value:
            yield value[function]
        for item in value.values():
            yield from values_of(function, item)
    elif isinstance(value, list):
        for item in value:
            yield from values_of(function, item)


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
    if change_set.change_set_type == "UPDATE":
        begin(stack, change_set.template, change_set.parameters).complete()
        return
    generations.begin(Place(stack.account_id, stack.region_name, stack.name), {})
    update = Update(stack)
    stack.template = change_set.template
    stack._parse_template()
    _under_way.append(update)
    try:
        _moto_apply(change_set)
    except Exception:
        create_failed(stack)
        raise
    finally:
        _under_way.remove(update)
    stack.output_map = stack._create_output_map()
    update.complete()


def _backend(stack: models.Stack) -> models.CloudFormationBackend:
    return models.cloudformation_backends[stack.account_id][stack.region_name]


def _register_exports(stack: models.Stack) -> None:
    _forget_exports(stack)
    _backend(stack).exports.update((export.name, export) for export in stack.exports)


def _forget_exports(stack: models.Stack) -> None:
    exported = _backend(stack).exports
    for name in [name for name, export in exported.items() if export.exporting_stack_id == stack.stack_id]:
        del exported[name]


def _exports(outputs: parsing.OutputMap) -> list[parsing.Export]:
    return [
        parsing.Export(
            outputs._stack_id, evaluate(output["Export"]["Name"], outputs._resource_map),
            evaluate(output["Value"], outputs._resource_map),
        )
        for name, output in (outputs._output_json_map or {}).items()
        if "Export" in output and outputs[name] is not None
    ]  # fmt: skip


# Class, attribute, and what takes its place.
def _create_group(cls: type[SecurityGroup], *arguments: Any, **keywords: Any) -> SecurityGroup:
    del cls
    group: Any = _moto_create_group(*arguments, **keywords)
    group.of_template = {rule.id for rule in (*group.ingress_rules, *group.egress_rules)}
    return group  # type: ignore[no-any-return]


def _update_group(cls: type[SecurityGroup], /, original_resource: Any, **keywords: Any) -> SecurityGroup:
    del cls
    beside = [
        [rule for rule in rules if rule.id not in original_resource.of_template]
        for rules in (original_resource.ingress_rules, original_resource.egress_rules)
    ]
    group = _moto_update_group(original_resource, **keywords)
    group.ingress_rules += beside[0]
    group.egress_rules += beside[1]
    return group


def _update_policy(backend: IAMBackend, resource_name: str, *content: Any) -> InlinePolicy:
    InlinePolicy(resource_name, *content).apply_policy(backend)  # type: ignore[abstract]
    return _moto_update_policy(backend, resource_name, *content)


CHANGES: tuple[tuple[type, str, object], ...] = (
    (models.CloudFormationBackend, "update_stack", _update_stack),
    (models.CloudFormationBackend, "delete_change_set", _delete_change_set),
    (models.CloudFormationBackend, "describe_change_set", _describe_change_set),
    (models.ChangeSet, "apply", _apply),
    (parsing.OutputMap, "exports", property(_exports)),
    (parsing.ResourceMap, "update", _update_resources),
    (parsing.ResourceMap, "delete", _delete_all),
    (models.Stack, "stack_parameters", property(_given_parameters)),
    (SecurityGroup, "create_from_cloudformation_json", classmethod(_create_group)),
    (SecurityGroup, "update_from_cloudformation_json", classmethod(_update_group)),
    (IAMBackend, "update_inline_policy", _update_policy),
)
