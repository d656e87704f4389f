"""What CloudFormation takes in a resource's properties: keys of each nested kind, and values that it enumerates.

The source are AWS's own resource schemas as cfn-lint ships them. A kind is named as AWS's documentation names property
types: ``AWS::ECS::Service.LoadBalancer``; what has no name of its own there is named after its property.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

_REGION: Final = "us-east-1"  # the region that has every type; a type's keys are the same in all
_POLICIES: Final = frozenset(
    {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "ResourcePolicy", "FileSystemPolicy"}
)
_POLICY: Final[Mapping[str, Any]] = {"$ref": "policy#"}

Step = str | int
Node = Mapping[str, Any]


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

    @property
    def unknown(self) -> list[str]:
        """Keys that CloudFormation does not know there."""
        return [key for key in self.mapping if key not in self.keys and not _matching(key, self.patterns)]

    @property
    def missing(self) -> list[str]:
        """Keys that CloudFormation wants and that are not there."""
        return [key for key in self.required if key not in self.mapping]


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


def walk(
    resource_type: str,
    properties: Mapping[str, Any],
    enter: Callable[[str, str], bool] | None = None,
) -> Iterator[Entry | Choice]:
    """Yield each mapping of known keys, outer ones first, and each value that is enumerated.

    ``properties`` may hold intrinsic functions: what they give is not looked at, but both branches of ``Fn::If`` are.
    ``enter`` says whether to look into a key of a kind; None looks into all. A type without a schema yields nothing.
    """
    if has_schema(resource_type):
        schema = _Schema(resource_type)
        yield from _Walk(schema, enter).at(schema.root, properties, (), ("", ""))


def faults(resource_type: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each key that CloudFormation does not know or misses, each value that is none of its own."""
    for found in walk(resource_type, properties):
        if isinstance(found, Entry):
            for key in found.unknown:
                yield f"{place((*found.path, key))}: CloudFormation knows no {key} there{_nearest(key, found.keys)}"
            for key in found.missing:
                yield f"{place((*found.path, key))} is missing"
        elif found.odd:
            yield f"{place(found.path)} is {found.value!r}; CloudFormation takes {', '.join(found.allowed)}"


def has_schema(resource_type: str) -> bool:
    """Return whether anything is known of a type."""
    return resource_type in _files()


@cache
def kinds(resource_type: str) -> Mapping[str, Mapping[str, Key]]:
    """Return a type's kinds, the type itself first, with the keys of each."""
    schema = _Schema(resource_type)
    waiting, found = [schema.root], dict[str, Mapping[str, Key]]()
    while waiting:
        spot = schema.item(waiting.pop(0))
        keys = schema.keys(spot)
        if keys is None or spot.kind in found:
            continue
        inner = {name: schema.item(child) for name, child in keys.items()}
        found[spot.kind] = {
            name: Key(None if schema.keys(child) is None else child.kind, schema.allowed(child))
            for name, child in inner.items()
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
    if resource_type not in _files():
        return (), ()
    root = _Schema(resource_type).root.node
    always, sometimes = (
        tuple(str(pointer).removeprefix("/properties/") for pointer in root.get(f"{word}Properties", ()))
        for word in ("createOnly", "conditionalCreateOnly")
    )
    return always, sometimes


def name_property(resource_type: str) -> str | None:
    """Return the property by which a template may name a resource itself; None where AWS alone names it."""
    if resource_type not in _files():
        return None
    root = _Schema(resource_type).root.node
    identifier, attributes = root.get("primaryIdentifier", ()), root.get("readOnlyProperties", ())
    if len(identifier) != 1 or identifier[0] in attributes:
        return None
    return str(identifier[0]).removeprefix("/properties/")


def holds_data(resource_type: str) -> bool:
    """Return whether what people or programs have put into a resource of the type goes with it."""
    return resource_type in _read("../AdditionalSpecs/StatefulResources.json")["ResourceTypes"]


# What takes a property or an item away, and a name in the text of ``Fn::Sub``, ``!`` before one that stays as it is.
NO_VALUE: Final = {"Ref": "AWS::NoValue"}
PLACEHOLDER: Final = re.compile(r"\$\{(!?)([^${}]+)\}")


def intrinsic(value: object) -> bool:
    """Return whether a mapping is an intrinsic function of CloudFormation's."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    [name] = value
    return name in {"Ref", "Condition"} or str(name).startswith("Fn::")


@dataclass(frozen=True)
class _Spot:
    """A place in a schema: what stands there, what it is called, and the schema file whose definitions it refers to."""

    node: Node
    kind: str
    file: Node


class _Schema:
    """One type's schema. References in it are followed."""

    def __init__(self, resource_type: str) -> None:
        self._type = resource_type
        file = _read(f"resources/{_files()[resource_type]}.json")
        self.root = _Spot(file, resource_type, file)

    def keys(self, spot: _Spot) -> dict[str, _Spot] | None:
        """Return the keys of a mapping that takes no others; None where any key is allowed, and for plain values."""
        found: dict[str, _Spot] = {}
        for each in self._alternatives(spot):
            for name, node in each.node.get("properties", {}).items():
                policy = name in _POLICIES and "properties" not in node and "$ref" not in node
                child = _Spot(_POLICY if policy else node, f"{each.kind}.{name}", each.file)
                found.setdefault(name, self._resolved(child))
        for name in self._read_only(spot):
            found.pop(name, None)
        closed = any(each.node.get("additionalProperties") is False for each in self._alternatives(spot))
        return found if found and closed else None

    def _read_only(self, spot: _Spot) -> Iterator[str]:
        """Yield what of a type's own keys only AWS gives: attributes, which a template cannot set."""
        if spot is self.root:
            for pointer in spot.node.get("readOnlyProperties", ()):
                name = str(pointer).removeprefix("/properties/")
                if "/" not in name:
                    yield name

    def patterns(self, spot: _Spot) -> dict[str, _Spot]:
        """Return what stands under the keys of a mapping that match a regular expression."""
        return {
            pattern: self._resolved(_Spot(node, f"{each.kind}.*", each.file))
            for each in self._alternatives(spot)
            for pattern, node in each.node.get("patternProperties", {}).items()
        }

    def item(self, spot: _Spot) -> _Spot:
        """Return what the items of a list are; the place itself where it is no list, or may be a single item."""
        for each in self._alternatives(spot):
            if "items" in each.node and "properties" not in each.node:
                return self.item(self._resolved(_Spot(each.node["items"], each.kind, each.file)))
        return spot

    def allowed(self, spot: _Spot) -> tuple[str, ...]:
        """Return the values that are enumerated."""
        lists = [
            each.node[word]
            for each in self._alternatives(spot)
            for word in ("enum", "enumCaseInsensitive")
            if word in each.node
        ]
        return tuple(dict.fromkeys(_text(value) for values in lists for value in values))

    def _alternatives(self, spot: _Spot) -> list[_Spot]:
        """Return the place and those of which it is said to be one, or all."""
        spot = self._resolved(spot)
        inner = [
            node
            for word in ("anyOf", "oneOf", "allOf")
            for node in spot.node.get(word, ())
            if "$ref" in node or "properties" in node or "enum" in node or "items" in node
        ]
        return [spot, *(each for node in inner for each in self._alternatives(replace(spot, node=node)))]

    def _resolved(self, spot: _Spot) -> _Spot:
        while reference := spot.node.get("$ref"):
            file, _, pointer = str(reference).partition("#")
            target = _read(f"other/iam/{file}.json") if file else spot.file
            node: Any = target
            for step in filter(None, pointer.split("/")):
                node = node[step]
            defined = pointer.startswith("/definitions/") and target is self.root.file
            spot = _Spot(node, f"{self._type}.{pointer.rpartition('/')[2]}" if defined else spot.kind, target)
        return spot


@dataclass(frozen=True)
class _Walk:
    schema: _Schema
    enter: Callable[[str, str], bool] | None

    def at(self, spot: _Spot, value: Any, path: tuple[Step, ...], owner: tuple[str, str]) -> Iterator[Entry | Choice]:
        """Yield what is found in ``value``, which stands at a place of the schema, in a key of its owner's."""
        if intrinsic(value):
            if "Fn::If" in value:
                for branch in (1, 2):
                    yield from self.at(spot, value["Fn::If"][branch], (*path, "Fn::If", branch), owner)
        elif isinstance(value, Mapping):
            yield from self._mapping(self.schema.item(spot), value, path)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for index, item in enumerate(value):
                yield from self.at(self.schema.item(spot), item, (*path, index), owner)
        elif value is not None and (allowed := self.schema.allowed(spot)):
            yield Choice(path, *owner, _text(value), allowed)

    def _mapping(self, spot: _Spot, value: Mapping[str, Any], path: tuple[Step, ...]) -> Iterator[Entry | Choice]:
        keys, patterns = self.schema.keys(spot), self.schema.patterns(spot)
        if keys is not None:
            yield Entry(path, spot.kind, tuple(keys), tuple(patterns), tuple(spot.node.get("required", ())), value)
        for name, item in value.items():
            inner = (keys or {}).get(name) or patterns.get(_matching(name, patterns))
            if inner is not None and (self.enter is None or self.enter(spot.kind, name)):
                yield from self.at(inner, item, (*path, name), (spot.kind, name))


def _matching(key: str, patterns: Iterable[str]) -> str:
    return next((pattern for pattern in patterns if re.search(pattern, key)), "")


def _nearest(key: str, keys: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, keys, 1)
    return f"; near it: {near[0]}" if near else ""


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _files() -> Mapping[str, str]:
    files: Mapping[str, str] = _read(f"providers/{_REGION}.json")
    return files


@cache
def _read(name: str) -> Any:
    # Not by cfn-lint's own modules: to import them takes as long as everything else that is done here.
    found = importlib.util.find_spec("cfnlint")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("cfnlint")
    read = json.loads((Path(found.submodule_search_locations[0]) / "data/schemas" / name).read_text(encoding="utf-8"))
    if name == "other/iam/policy.json":
        read["definitions"]["Principal"]["additionalProperties"] = False  # as IAM has it; cfn-lint takes any
    return read
