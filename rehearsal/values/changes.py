"""What a template would change in a stack that stands: what CloudFormation's change sets say, from the texts alone.

A property is compared as the template gives it, with its parameters, mappings and conditions in their places. One that
refers to a resource that is replaced changes with it: so one replacement can bring another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rehearsal.values import resource_schema
from rehearsal.values.template_values import NO_VALUE, PLACEHOLDER, intrinsic

_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


class Action(StrEnum):
    """What becomes of a resource."""

    ADD = "added"
    MODIFY = "changed"
    REPLACE = "replaced"
    REMOVE = "removed"


# The policies by which a resource goes.
SNAPSHOT = "Snapshot"
DELETED = frozenset({"Delete", SNAPSHOT})

# What an update sets in a resource that stands, and has an effect there only when somebody has restarted that. From
# "Performance and scaling for Aurora Serverless v2" (the limit of connections follows the maximum) and "Associating a
# DB parameter group with a DB instance" in the Aurora user guide.
_AT_RESTART: Mapping[str, tuple[str, ...]] = {
    "AWS::RDS::DBCluster": (
        "ServerlessV2ScalingConfiguration/MaxCapacity", "DBClusterParameterGroupName", "DBInstanceParameterGroupName"
    ),
    "AWS::RDS::DBInstance": ("DBParameterGroupName",),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What an update does to one resource.

    ``properties`` are those that change; ``because`` are those of them that only a creation can set, and ``perhaps``
    those that AWS sets in a resource that stands in some cases and not in others. ``dynamic`` are those that only a
    creation can set and that change if an attribute of what is replaced does. ``at_restart`` are those that have
    an effect in a database's instances only when these were rebooted. ``policy`` says what becomes of the old
    one where it goes: ``Delete``, ``Retain``, ``RetainExceptOnCreate`` or ``Snapshot``; one that is ``protected`` stays
    whatever it says, and out of the stack. What ``holds_data`` holds what people or programs have put into it;
    ``restored`` is the snapshot that the new one begins with.
    """

    logical_id: str
    resource_type: str
    action: Action
    properties: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    at_restart: tuple[str, ...] = ()
    policy: str = "Delete"
    protected: bool = False
    holds_data: bool = False
    restored: str = ""

    @property
    def goes(self) -> bool:
        """Whether the resource that stands does not serve any more afterwards."""
        return self.action in {Action.REPLACE, Action.REMOVE}

    @property
    def deleted(self) -> bool:
        """Whether the resource that stands is deleted, be it that a snapshot keeps its data."""
        return self.goes and self.policy in DELETED

    @property
    def kept(self) -> bool:
        """Whether what was in the resource that stands is there afterwards, if only by hand."""
        return not self.goes or self.policy != "Delete" or self.protected

    def __str__(self) -> str:
        """Say it as a person reads it in a list."""
        reason = f" ({', '.join(self.because or self.properties)})" if self.properties else ""
        text = f"{self.action} {self.logical_id} {self.resource_type}{reason}"
        if (reasons := self.perhaps + self.dynamic) and self.action is Action.MODIFY:
            text += f"; AWS may replace it for {', '.join(reasons)}"
        if self.at_restart and self.action is Action.MODIFY:
            text += (
                f"; {', '.join(self.at_restart)}: its instances keep their limit of connections and their parameters "
                "until somebody reboots them"
            )
        if not (self.goes and self.holds_data):
            return text
        old = {"Delete": "ITS DATA IS DELETED", "Snapshot": "its data stays as a snapshot"}
        left = old.get(self.policy, "the old one stays, out of the stack")
        if self.protected:
            left = "AWS cannot delete the old one, which is protected: it stays, out of the stack, until somebody does"
        begins = f"begins with {self.restored}" if self.restored else "begins EMPTY"
        return f"{text}: {left}" + (f", and the new one {begins}" if self.action is Action.REPLACE else "")


@dataclass(frozen=True)
class Text:
    """A template with the values of its parameters."""

    template: Mapping[str, Any]
    parameters: Mapping[str, str]

    def resources(self) -> dict[str, Mapping[str, Any]]:
        """Return the definitions whose condition holds, each with its properties settled."""
        return {
            name: {**definition, "Properties": self.settled(definition.get("Properties", {}))}
            for name, definition in self.template.get("Resources", {}).items()
            if self._holds(definition.get("Condition"))
        }

    def settled(self, value: Any) -> Any:
        """Return ``value`` with what is known before a deployment in its place, what is NoValue left out."""
        if isinstance(value, list):
            return [settled for item in value if (settled := self.settled(item)) != NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if intrinsic(value):
            [(name, argument)] = value.items()
            if name in _SETTLED:
                return _SETTLED[name](self, argument)
        pairs = ((key, self.settled(item)) for key, item in value.items())
        return {key: settled for key, settled in pairs if settled != NO_VALUE}

    def _ref(self, name: str) -> Any:
        return self.parameters.get(name, {"Ref": name})

    def _sub(self, argument: Any) -> Any:
        text, names = (argument, {}) if isinstance(argument, str) else argument
        names = self.settled(names)

        def replaced(found: re.Match[str]) -> str:
            known = self.parameters if found[2] not in names else names
            value = None if found[1] else known.get(found[2])
            return value if isinstance(value, str) else found[0]

        return {"Fn::Sub": [PLACEHOLDER.sub(replaced, text), names]}

    def _find_in_map(self, argument: Sequence[Any]) -> Any:
        name, first, second = (self.settled(each) for each in argument)
        try:
            return self.template["Mappings"][name][first][second]
        except (KeyError, TypeError):
            return {"Fn::FindInMap": [name, first, second]}

    def _if(self, argument: Sequence[Any]) -> Any:
        condition, holds, fails = argument
        return self.settled(holds if self._holds(condition) else fails)

    def _holds(self, condition: str | None) -> bool:
        """Return whether a condition holds; one that asks for what only a deployment knows does."""
        return condition is None or self._true(self.template.get("Conditions", {}).get(condition, {}))

    def _true(self, test: Mapping[str, Any]) -> bool:
        for name, argument in test.items():
            if name == "Condition":
                return self._holds(argument)
            if name == "Fn::Not":
                return not self._true(argument[0])
            if name == "Fn::And":
                return all(self._true(each) for each in argument)
            if name == "Fn::Or":
                return any(self._true(each) for each in argument)
            if name == "Fn::Equals":
                left, right = (self.settled(each) for each in argument)
                return bool(left == right)
        return True


_SETTLED = {"Ref": Text._ref, "Fn::Sub": Text._sub, "Fn::FindInMap": Text._find_in_map, "Fn::If": Text._if}


def between(before: Text, after: Text, found_replaced: Set[str] = frozenset()) -> list[Change]:
    """Return what an update from one template to another does, in the order of the templates, what goes last.

    ``found_replaced`` are resources of which a deployment has found out that they are replaced.
    """
    old, new = before.resources(), after.resources()
    replaced: set[str] = set(found_replaced)
    found: dict[str, Change] = {}
    while True:
        found = {name: _change(name, old[name], new[name], replaced) for name in new if name in old}
        now = {name for name, change in found.items() if change.action is Action.REPLACE}
        if now <= replaced:
            break
        replaced |= now
    changed = [
        found[name] if name in found else Change(name, str(definition["Type"]), Action.ADD)
        for name, definition in new.items()
        if name not in found or found[name].properties
    ]
    gone = [
        Change(
            name,
            str(definition["Type"]),
            Action.REMOVE,
            policy=policy(definition, "DeletionPolicy"),
            protected=protected(definition["Properties"]),
            holds_data=_holds_data(definition),
        )
        for name, definition in old.items()
        if name not in new
    ]
    return [*changed, *gone]


def named(changes: Sequence[Change], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield what CloudFormation refuses: to replace a resource that the template itself names, and names the same."""
    for change in changes:
        if change.action is Action.REPLACE:
            name = resource_schema.name_property(change.resource_type)
            properties = after["Resources"][change.logical_id].get("Properties", {})
            if name in properties and name not in change.properties:
                yield (
                    f"CloudFormation cannot update a stack when a custom-named resource requires replacing: "
                    f"{change.logical_id} ({change.resource_type}) is replaced for {', '.join(change.because)} and "
                    f"keeps its {name}. Give it another {name}, or none"
                )


def in_the_way(before: Text, after: Text) -> Iterator[str]:
    """Yield what a deployment that failed leaves in AWS under a name of the template's own, in the way of the next one.

    From "DeletionPolicy attribute" in the CloudFormation user guide: ``Retain`` holds when what an operation has made
    is rolled back, too, and ``RetainExceptOnCreate`` does not.
    """
    stood = before.resources()
    for name, definition in after.resources().items():
        kind = str(definition["Type"])
        own = resource_schema.name_property(kind)
        if name not in stood and definition.get("DeletionPolicy") != "Retain" and protected(definition["Properties"]):
            yield (
                f"{name} ({kind}) is protected against deletion: in AWS it cannot be rolled back, and the stack of a "
                "creation ends in ROLLBACK_FAILED, until somebody takes the protection away"
            )
        if name not in stood and definition.get("DeletionPolicy") == "Retain" and own in definition["Properties"]:
            yield (
                f"{name} ({kind}) has the DeletionPolicy Retain: in AWS it stays, and stands in the way of the next "
                f"deployment by its {own} until somebody deletes it (RetainExceptOnCreate would let it go)"
            )


def protected(properties: Mapping[str, Any]) -> bool:
    """Return whether the service refuses to delete a resource; CloudFormation does not take that protection away."""
    attributes = properties.get("LoadBalancerAttributes", ())
    entries = [each for each in attributes if isinstance(each, Mapping)] if isinstance(attributes, list) else []
    by_attribute = (each.get("Value") for each in entries if each.get("Key") == "deletion_protection.enabled")
    return any(str(each).lower() == "true" for each in (properties.get("DeletionProtection"), *by_attribute))


def _change(name: str, old: Mapping[str, Any], new: Mapping[str, Any], replaced: Set[str]) -> Change:
    kind = str(new["Type"])
    replacing = policy(old, "UpdateReplacePolicy")
    change = Change(
        name, kind, Action.MODIFY, policy=replacing, protected=protected(old["Properties"]), holds_data=_holds_data(old)
    )
    if old["Type"] != kind:
        return replace(change, action=Action.REPLACE, properties=("Type",), because=("Type",))
    before, after = old["Properties"], new["Properties"]
    always, sometimes = resource_schema.only_at_creation(kind)
    because, attributes = _differing(before, after, always, replaced)
    changed = [place for places in _differing(before, after, {**before, **after}, replaced) for place in places]
    policies = tuple(name for name in _POLICIES if policy(old, name) != policy(new, name))
    return replace(
        change,
        action=Action.REPLACE if because or name in replaced else Action.MODIFY,
        properties=(*changed, *policies),
        because=because or (attributes if name in replaced else ()),
        perhaps=_differing(before, after, sometimes, replaced)[0],
        dynamic=() if name in replaced else attributes,
        at_restart=_differing(before, after, _AT_RESTART.get(kind, ()), replaced)[0],
        restored=str(after.get("SnapshotIdentifier", "")),
    )


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any], places: Iterable[str], replaced: Set[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the places whose values differ, and those that differ if an attribute of what is replaced does."""
    certain, perhaps = list[str](), list[str]()
    for pointer in places:
        path = pointer.split("/")
        old, new = list(_at(before, path)), list(_at(after, path))
        names = {name for name, attribute in _references(new) if not attribute}
        if old != new or names & replaced:
            certain.append(".".join(path))
        elif {name for name, _ in _references(new)} & replaced:
            perhaps.append(".".join(path))
    return tuple(certain), tuple(perhaps)


def _holds_data(definition: Mapping[str, Any]) -> bool:
    """Return whether a resource holds data of its own: an instance of a cluster has the cluster's."""
    of_cluster = definition["Type"] == "AWS::RDS::DBInstance" and "DBClusterIdentifier" in definition["Properties"]
    return resource_schema.holds_data(definition["Type"]) and not of_cluster


def policy(definition: Mapping[str, Any], name: str) -> str:
    """Return what becomes of a resource: its ``DeletionPolicy`` or ``UpdateReplacePolicy``."""
    # Without a word in the template, CloudFormation takes a snapshot of a database's cluster.
    usual = "Snapshot" if definition["Type"] == "AWS::RDS::DBCluster" and name == "DeletionPolicy" else "Delete"
    return str(definition.get(name, usual))


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Yield what stands at a place; nothing where there is nothing, the whole where a function stands above it."""
    if not path or intrinsic(value):
        yield value
    elif path[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _at(item, path[1:])
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _references(value: Any) -> Iterator[tuple[str, bool]]:
    """Yield the names of the resources that a value refers to, and whether by an attribute."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Ref":
                yield str(item), False
            elif key == "Fn::GetAtt":
                yield str(item[0] if isinstance(item, list) else item.partition(".")[0]), True
            elif key == "Fn::Sub":
                names = (found[2].partition(".") for found in PLACEHOLDER.finditer(item[0]) if not found[1])
                yield from ((name, bool(attribute)) for name, attribute, _ in names)
            yield from _references(item)
