"""What CloudFormation takes in a resource's properties: keys of each nested kind, values that it enumerates, bounds.

The source are AWS's own resource schemas as cfn-lint ships them. A kind is named as AWS's documentation names property
types: ``AWS::ECS::Service.LoadBalancer``; what has no name of its own there is named after its property.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from rehearsal.values.schema_node import compiled
from rehearsal.values.schema_place import Companions, SchemaPlace, files, root, shipped, text_of
from rehearsal.values.template_values import NO_VALUE, intrinsic, is_mapping

# So many characters of a value are shown.
_SHOWN: Final = 80
Step = str | int


@dataclass(frozen=True)
class Entry:
    """A mapping of known keys in a resource: ``path`` leads to it from the properties.

    ``patterns`` are regular expressions of keys that are known as well; ``required`` keys may not be missing.
    """

    path: tuple[Step, ...]
    kind: str
    keys: tuple[str, ...]
    patterns: tuple[str, ...]
    required: tuple[str, ...]
    mapping: Mapping[str, Any]
    companions: Companions

    @property
    def unknown(self) -> list[str]:
        """Keys that CloudFormation does not know there."""
        return [key for key in self.mapping if key not in self.keys and not _matching(key, self.patterns)]

    @property
    def missing(self) -> list[str]:
        """Keys that CloudFormation wants and that are not there."""
        return [key for key in self.required if key not in self.mapping]

    @property
    def conflicts(self) -> Iterator[str]:
        """Yield a sentence for keys that do not go with each other, or not without each other."""
        if self.companions.none:
            return
        present = {key for key, value in self.mapping.items() if value != NO_VALUE}
        # Of one that may go, by ``Fn::If``, nothing is known before the deployment.
        perhaps = {key for key in present if isinstance(value := self.mapping[key], Mapping) and "Fn::If" in value}
        sure = present - perhaps
        for keys in self.companions.exclusive:
            if len(sure.intersection(keys)) > 1:
                yield f"{_listed(keys, sure)} do not go together"
        for keys in (*self.companions.exclusive, *self.companions.either):
            if not present.intersection(keys):
                yield f"one of {', '.join(sorted(keys))} is missing"
        for key, others in self.companions.together.items():
            if key in sure and (missing := set(others) - present):
                yield f"{key} wants {', '.join(sorted(missing))} beside it"
        for key, others in self.companions.apart.items():
            if key in sure and (there := sure.intersection(others)):
                yield f"{_listed((key, *there), sure)} do not go together"


def _listed(keys: Iterable[str], present: set[str]) -> str:
    return " and ".join(sorted(present.intersection(keys)))


@dataclass(frozen=True)
class Key:
    """A key of a kind: the kind of the mappings in it, if there are any, and the values that are enumerated for it."""

    inner: str | None
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A value of which CloudFormation enumerates what it may be; ``kind`` and ``key`` say where."""

    path: tuple[Step, ...]
    kind: str
    key: str
    value: str
    allowed: tuple[str, ...]

    @property
    def odd(self) -> bool:
        """Whether the value is none of those."""
        return self.value not in self.allowed


@dataclass(frozen=True)
class Mistyped:
    """A value that is not of its key's type, or beyond its bounds: what CloudFormation wants there."""

    path: tuple[Step, ...]
    value: Any
    wanted: str


def walk(
    resource_type: str,
    properties: Mapping[str, Any],
    enter: Callable[[str, str], bool] | None = None,
    *,
    resolved: bool = False,
) -> Iterator[Entry | Choice | Mistyped]:
    """Yield each mapping of known keys, outer ones first, each value that is enumerated, and each that is refused.

    ``properties`` may hold intrinsic functions: what they give is not looked at, but both branches of ``Fn::If`` are.
    Of ``resolved`` ones it is not looked at how texts are written: they hold identifiers that the emulated AWS gave.
    ``enter`` says whether to look into a key of a kind; None looks into all. A type without a schema yields nothing.
    """
    if has_schema(resource_type):
        yield from _Walk(enter, resolved).at(root(resource_type), properties, (), ("", ""))


def faults(resource_type: str, properties: Mapping[str, Any], *, resolved: bool = False) -> Iterator[str]:
    """Yield a sentence for each key that CloudFormation does not know or misses, each value that is none of its own."""
    for found in walk(resource_type, properties, resolved=resolved):
        if isinstance(found, Entry):
            for key in found.unknown:
                yield f"{place((*found.path, key))}: CloudFormation knows no {key} there{_nearest(key, found.keys)}"
            for key in found.missing:
                yield f"{place((*found.path, key))} is missing"
            for conflict in found.conflicts:
                yield f"{place(found.path)}: {conflict}".removeprefix(": ")
        elif isinstance(found, Mistyped):
            yield f"{place(found.path)} is {_short(found.value)}; CloudFormation takes {found.wanted} there"
        elif found.odd:
            yield f"{place(found.path)} is {found.value!r}; CloudFormation takes {', '.join(found.allowed)}"


def _short(value: object) -> str:
    written = repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def has_schema(resource_type: str) -> bool:
    """Return whether anything is known of a type."""
    return resource_type in files()


@cache
def kinds(resource_type: str) -> Mapping[str, Mapping[str, Key]]:
    """Return a type's kinds, the type itself first, with the keys of each."""
    waiting, found = [root(resource_type)], dict[str, Mapping[str, Key]]()
    while waiting:
        spot = waiting.pop(0).item
        if spot.keys is None or spot.kind in found:
            continue
        inner = {name: child.item for name, child in spot.keys.items()}
        found[spot.kind] = {
            name: Key(None if child.keys is None else child.kind, child.allowed) for name, child in inner.items()
        }
        waiting += inner.values()
    return found


def place(path: Sequence[Step]) -> str:
    """Return a path as a person reads it: ``LoadBalancers[0].ContainerName``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def only_at_creation(resource_type: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the places in a type's properties that cannot change, and those that AWS cannot always change.

    A change of one of the first replaces the resource. Each place is JSON's pointer without its beginning, a ``*`` for
    any item of a list. Both are empty for a type without a schema.
    """
    if resource_type not in files():
        return (), ()
    schema = root(resource_type).node
    always, sometimes = (
        tuple(str(pointer).removeprefix("/properties/") for pointer in schema.get(f"{word}Properties", ()))
        for word in ("createOnly", "conditionalCreateOnly")
    )
    return always, sometimes


def name_property(resource_type: str) -> str | None:
    """Return the property by which a template may name a resource itself; None where AWS alone names it."""
    if resource_type not in files():
        return None
    schema = root(resource_type).node
    identifier, attributes = schema.get("primaryIdentifier", ()), schema.get("readOnlyProperties", ())
    if len(identifier) != 1 or identifier[0] in attributes:
        return None
    return str(identifier[0]).removeprefix("/properties/")


def holds_data(resource_type: str) -> bool:
    """Return whether what people or programs have put into a resource of the type goes with it."""
    return resource_type in shipped("../AdditionalSpecs/StatefulResources.json")["ResourceTypes"]


@dataclass(frozen=True)
class _Walk:
    enter: Callable[[str, str], bool] | None
    resolved: bool

    def at(
        self, spot: SchemaPlace, value: Any, path: tuple[Step, ...], owner: tuple[str, str]
    ) -> Iterator[Entry | Choice | Mistyped]:
        """Yield what is found in ``value``, which stands at a place of the schema, in a key of its owner's."""
        if intrinsic(value):
            if "Fn::If" in value:
                for branch in (1, 2):
                    yield from self.at(spot, value["Fn::If"][branch], (*path, "Fn::If", branch), owner)
            return
        wanted = spot.other_type(value)
        if refused := wanted or spot.beyond(value, written=not self.resolved):
            yield Mistyped(path, value, refused)
        if wanted:
            return
        if is_mapping(value):
            yield from self._mapping(spot.item, value, path)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for index, item in enumerate(value):
                yield from self.at(spot.item, item, (*path, index), owner)
        elif value is not None and (allowed := spot.allowed):
            yield Choice(path, *owner, text_of(value), allowed)

    def _mapping(
        self, spot: SchemaPlace, value: Mapping[str, Any], path: tuple[Step, ...]
    ) -> Iterator[Entry | Choice | Mistyped]:
        keys, patterns = spot.keys, spot.patterns
        if keys is not None:
            yield Entry(path, spot.kind, *spot.entry, value, spot.companions)
        for name, item in value.items():
            inner = (keys or {}).get(name) or (patterns.get(_matching(name, patterns)) if patterns else None)
            if inner is None or (inner.any_text and isinstance(item, str)):
                continue
            if self.enter is None or self.enter(spot.kind, name):
                yield from self.at(inner, item, (*path, name), (spot.kind, name))


def _matching(key: str, patterns: Iterable[str]) -> str:
    return next((pattern for pattern in patterns if compiled(pattern).search(key)), "")


def _nearest(key: str, keys: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, keys, 1)
    return f"; near it: {near[0]}" if near else ""
