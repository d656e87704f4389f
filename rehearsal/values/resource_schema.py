"""What CloudFormation takes in a resource's properties: keys of each nested kind, values that it enumerates, bounds.

The source are AWS's own resource schemas as cfn-lint ships them. A kind is named as AWS's documentation names property
types: ``AWS::ECS::Service.LoadBalancer``; what has no name of its own there is named after its property.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, TypeGuard

import regex

_REGION: Final = "us-east-1"  # the region that has every type; a type's keys are the same in all
_POLICIES: Final = frozenset(
    {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "ResourcePolicy", "FileSystemPolicy"}
)
_POLICY: Final[Mapping[str, Any]] = {"$ref": "policy#"}

# What AWS takes and the schemas do not: a cluster that begins with a snapshot has its user's name from there
# (findings/cdk-validates-its-own-construct-away.sh).
_MISSTATED: Final = frozenset({("AWS::RDS::DBCluster", "MasterUserPassword")})
# So many characters of a value are shown.
_SHOWN: Final = 80

Step = str | int
Node = Mapping[str, Any]
# A check of a bound, and the part of a schema that says it.
Bound = tuple[Callable[[Node, Any], str], Node]


@dataclass(frozen=True)
class Companions:
    """Keys of a mapping that go together: of each of ``exclusive`` one is wanted, of each of ``either`` one at least.

    ``together`` says which keys want others beside them, ``apart`` which want them away.
    """

    exclusive: tuple[tuple[str, ...], ...]
    either: tuple[tuple[str, ...], ...]
    together: Mapping[str, Sequence[str]]
    apart: Mapping[str, Sequence[str]]


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
        yield from _Walk(enter, resolved).at(_root(resource_type), properties, (), ("", ""))


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
    return resource_type in _files()


@cache
def kinds(resource_type: str) -> Mapping[str, Mapping[str, Key]]:
    """Return a type's kinds, the type itself first, with the keys of each."""
    waiting, found = [_root(resource_type)], dict[str, Mapping[str, Key]]()
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
    if resource_type not in _files():
        return (), ()
    root = _root(resource_type).node
    always, sometimes = (
        tuple(str(pointer).removeprefix("/properties/") for pointer in root.get(f"{word}Properties", ()))
        for word in ("createOnly", "conditionalCreateOnly")
    )
    return always, sometimes


def name_property(resource_type: str) -> str | None:
    """Return the property by which a template may name a resource itself; None where AWS alone names it."""
    if resource_type not in _files():
        return None
    root = _root(resource_type).node
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
    if not _is_mapping(value) or len(value) != 1:
        return False
    [name] = value
    return name in {"Ref", "Condition"} or str(name).startswith("Fn::")


# What a template is made of, and is no mapping.
_NO_MAPPING: Final = frozenset({str, list, int, float, bool, type(None)})


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a mapping of any kind; to ask that alone takes ten times as long."""
    return type(value) is dict or (type(value) not in _NO_MAPPING and isinstance(value, Mapping))


# What an alternative in a schema says, where it is looked into.
_ALTERNATIVE: Final = frozenset({"$ref", "properties", "enum", "items"})


def _reads(value: Any, read: Callable[[str], object]) -> bool:
    if isinstance(value, Mapping | list):
        return False
    try:
        read(str(value))
    except ValueError:
        return _deferred(value)
    return True


def _deferred(value: Any) -> bool:
    """Return whether a text stands for a value that is known at the deployment."""
    return isinstance(value, str) and any(mark in value for mark in ("{{resolve:", "${"))


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict | Mapping),
    "array": lambda value: isinstance(value, Sequence) and not isinstance(value, str),
    "string": lambda value: isinstance(value, str | int | float),
    "integer": lambda value: _reads(value, int),
    "number": lambda value: _reads(value, float),
    "boolean": lambda value: str(value).lower() in {"true", "false"} or _deferred(value),
    "null": lambda value: value is None,
}
# The types that a template's values most often have.
_TYPE_OF: Final[Mapping[type, str]] = {dict: "object", list: "array", str: "string"}
_WORDS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def _together(spot: _Spot) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = spot.node.get("dependentRequired", {})
    return {key: others for key, others in found.items() if (spot.kind, key) not in _MISSTATED}


def _beyond(spot: _Spot, value: Any, *, written: bool) -> str:
    """Return what CloudFormation takes in the place of a value that is beyond a bound, in words; else nothing.

    ``written`` says whether it is looked at how a text is written.
    """
    if value is None or isinstance(value, bool) or _is_mapping(value):
        return ""
    if isinstance(value, list):
        checks = spot.bounds_of_lists
    else:
        checks = spot.bounds_of_values if written else spot.bounds_of_numbers
    if not checks or _deferred(value):
        return ""
    return next((wanted for check, node in checks if (wanted := check(node, value))), "")


def _of_list(node: Node, value: Sequence[Any]) -> str:
    if any(isinstance(each, Mapping) and (each == NO_VALUE or "Fn::If" in each) for each in value):
        return ""
    if not node.get("minItems", 0) <= len(value) <= node.get("maxItems", math.inf):
        return _between(node, "minItems", "maxItems", "items")
    written = [json.dumps(each, sort_keys=True, default=str) for each in value]
    return "items that differ" if node.get("uniqueItems") is True and len(set(written)) < len(written) else ""


def _of_number(node: Node, value: Any) -> str:
    if not _types_of(node) & {"integer", "number"} or "string" in _types_of(node):
        return ""
    number, step = float(value), node.get("multipleOf")
    if not node.get("minimum", -math.inf) <= number <= node.get("maximum", math.inf):
        return _between(node, "minimum", "maximum", "")
    return f"multiples of {step}" if step and number % step else ""


def _of_text(node: Node, value: Any) -> str:
    if "string" not in _types_of(node):
        return ""
    text, pattern = str(value), node.get("pattern")
    if not node.get("minLength", 0) <= len(text) <= node.get("maxLength", math.inf):
        return f"a text of {_between(node, 'minLength', 'maxLength', 'characters')}"
    return f"what matches {pattern}" if isinstance(pattern, str) and not regex.search(pattern, text) else ""


def _types_of(node: Node, unsaid: Sequence[str] = ()) -> set[str]:
    """Return the types that a schema names, or ``unsaid`` where it names none."""
    kind = node.get("type", unsaid)
    return {kind} if isinstance(kind, str) else set(kind)


def _between(node: Node, low: str, high: str, what: str) -> str:
    """Return bounds in words."""
    bounds = [f"at least {node[low]}" if low in node else "", f"at most {node[high]}" if high in node else ""]
    return f"{' and '.join(filter(None, bounds))} {what}".strip()


def _lists(written: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Return lists of keys, of which one alone may be written as itself."""
    if written and all(isinstance(each, str) for each in written):
        return (tuple(written),)
    return tuple(tuple(each) for each in written)


@dataclass(frozen=True, eq=False)
class _Spot:
    """A place in a type's schema: what stands there, what it is called, and the file whose definitions it refers to.

    Templates are looked through again and again: what a place says is worked out once.
    """

    node: Node
    kind: str
    file: Node
    type: str

    @cached_property
    def keys(self) -> dict[str, _Spot] | None:
        """The keys of a mapping that takes no others; None where any key is allowed, and for plain values."""
        found: dict[str, _Spot] = {}
        for each in self._alternatives:
            for name, node in each.node.get("properties", {}).items():
                policy = name in _POLICIES and "properties" not in node and "$ref" not in node
                child = replace(each, node=_POLICY if policy else node, kind=f"{each.kind}.{name}")
                found.setdefault(name, child._resolved())
        for name in self._read_only():
            found.pop(name, None)
        closed = any(each.node.get("additionalProperties") is False for each in self._alternatives)
        return found if found and closed else None

    def _read_only(self) -> Iterator[str]:
        """Yield what of a type's own keys only AWS gives: attributes, which a template cannot set."""
        if self.kind == self.type:
            for pointer in self.node.get("readOnlyProperties", ()):
                name = str(pointer).removeprefix("/properties/")
                if "/" not in name:
                    yield name

    @cached_property
    def patterns(self) -> dict[str, _Spot]:
        """What stands under the keys of a mapping that match a regular expression."""
        return {
            pattern: replace(each, node=node, kind=f"{each.kind}.*")._resolved()
            for each in self._alternatives
            for pattern, node in each.node.get("patternProperties", {}).items()
        }

    @cached_property
    def item(self) -> _Spot:
        """What the items of a list are; the place itself where it is no list, or may be a single item."""
        for each in self._alternatives:
            if "items" in each.node and "properties" not in each.node:
                return replace(each, node=each.node["items"])._resolved().item
        return self

    @cached_property
    def allowed(self) -> tuple[str, ...]:
        """The values that are enumerated."""
        lists = [
            each.node[word]
            for each in self._alternatives
            for word in ("enum", "enumCaseInsensitive")
            if word in each.node
        ]
        return tuple(dict.fromkeys(_text(value) for values in lists for value in values))

    def other_type(self, value: Any) -> str:
        """Return the types of which a value must be one, in words, where it is of none; else nothing.

        A number and a truth may be written as a text, as CloudFormation reads them.
        """
        types = self.types
        if (
            value is None
            or not types
            or _TYPE_OF.get(type(value)) in types
            or any(_TYPES[each](value) for each in types)
        ):
            return ""
        return " or ".join(_WORDS[each] for each in sorted(self.types))

    @cached_property
    def bounds(self) -> tuple[Node, ...]:
        """What each value has to keep to, whatever else it is."""
        spot = self._resolved()
        return (spot.node, *(replace(spot, node=node)._resolved().node for node in spot.node.get("allOf", ())))

    @cached_property
    def bounds_of_lists(self) -> tuple[Bound, ...]:
        """What keeps a list within bounds, where anything does."""
        words = {"minItems", "maxItems", "uniqueItems"}
        return tuple((_of_list, node) for node in self.bounds if not words.isdisjoint(node))

    @cached_property
    def bounds_of_numbers(self) -> tuple[Bound, ...]:
        """What keeps a number within bounds, where anything does."""
        return tuple(each for each in self.bounds_of_values if each[0] is _of_number)

    @cached_property
    def bounds_of_values(self) -> tuple[Bound, ...]:
        """What keeps a number, or a text, within bounds, where anything does."""
        words = {
            _of_number: {"minimum", "maximum", "multipleOf"},
            _of_text: {"minLength", "maxLength", "pattern"},
        }
        return tuple((check, node) for node in self.bounds for check, own in words.items() if not own.isdisjoint(node))

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that JSON knows, of which a value may be; none where the schema does not say."""
        found = set[str]()
        for each in self._alternatives:
            # A reference leaves behind what stands beside it, as the policy's "or a list of these" does.
            found |= _types_of(each.node, ("object", "array") if "properties" in each.node else ())
            if any("type" in inner and not _ALTERNATIVE.intersection(inner) for inner in each.choices):
                return frozenset()
        return frozenset(found)

    @cached_property
    def any_text(self) -> bool:
        """Whether there is nothing to say of a text that stands there, as of most values of a template."""
        is_bound = any(word in node for node in self.bounds for word in ("minLength", "maxLength", "pattern"))
        return (not self.types or "string" in self.types) and not self.allowed and not is_bound

    @cached_property
    def entry(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The keys of a mapping, their regular expressions, and those that may not be missing."""
        return tuple(self.keys or ()), tuple(self.patterns), tuple(self.node.get("required", ()))

    @cached_property
    def companions(self) -> Companions:
        """Which keys of a mapping go together."""
        exclusive, either = (_lists(self.node.get(word, ())) for word in ("requiredXor", "requiredOr"))
        return Companions(exclusive, either, _together(self), self.node.get("dependentExcluded", {}))

    @property
    def choices(self) -> Iterator[Node]:
        """Of what a value is said to be one, or all."""
        for word in ("anyOf", "oneOf", "allOf"):
            yield from self.node.get(word, ())

    @cached_property
    def _alternatives(self) -> list[_Spot]:
        """The place and those of which it is said to be one, or all."""
        spot = self._resolved()
        inner = [node for node in spot.choices if _ALTERNATIVE.intersection(node)]
        return [spot, *(each for node in inner for each in replace(spot, node=node)._alternatives)]

    def _resolved(self) -> _Spot:
        """Return the place that is referred to, or this one."""
        spot = self
        while reference := spot.node.get("$ref"):
            file, _, pointer = str(reference).partition("#")
            target = _read(f"other/iam/{file}.json") if file else spot.file
            node: Any = target
            for step in filter(None, pointer.split("/")):
                node = node[step]
            defined = pointer.startswith("/definitions/") and target is _root(self.type).file
            kind = f"{self.type}.{pointer.rpartition('/')[2]}" if defined else spot.kind
            spot = _Spot(node, kind, target, self.type)
        return spot


@cache
def _root(resource_type: str) -> _Spot:
    """Return the place where a type's schema begins."""
    file = _read(f"resources/{_files()[resource_type]}.json")
    return _Spot(file, resource_type, file, resource_type)


@dataclass(frozen=True)
class _Walk:
    enter: Callable[[str, str], bool] | None
    resolved: bool

    def at(
        self, spot: _Spot, value: Any, path: tuple[Step, ...], owner: tuple[str, str]
    ) -> Iterator[Entry | Choice | Mistyped]:
        """Yield what is found in ``value``, which stands at a place of the schema, in a key of its owner's."""
        if intrinsic(value):
            if "Fn::If" in value:
                for branch in (1, 2):
                    yield from self.at(spot, value["Fn::If"][branch], (*path, "Fn::If", branch), owner)
            return
        wanted = spot.other_type(value)
        if beyond := wanted or _beyond(spot, value, written=not self.resolved):
            yield Mistyped(path, value, beyond)
        if wanted:
            return
        if _is_mapping(value):
            yield from self._mapping(spot.item, value, path)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for index, item in enumerate(value):
                yield from self.at(spot.item, item, (*path, index), owner)
        elif value is not None and (allowed := spot.allowed):
            yield Choice(path, *owner, _text(value), allowed)

    def _mapping(
        self, spot: _Spot, value: Mapping[str, Any], path: tuple[Step, ...]
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
    # AWS's schemas name classes of letters, which Python's own expressions do not know.
    return next((pattern for pattern in patterns if regex.search(pattern, key)), "")


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
