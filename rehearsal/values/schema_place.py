"""A place in the schema of a resource's type, as cfn-lint ships AWS's own."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from rehearsal.values.schema_node import TYPE_OF, TYPES, WORDS, Bound, Node, of_list, of_number, of_text, types_of
from rehearsal.values.template_values import deferred, is_mapping

_REGION: Final = "us-east-1"  # the region that has every type; a type's keys are the same in all
_POLICIES: Final = frozenset(
    {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "ResourcePolicy", "FileSystemPolicy"}
)
_POLICY: Final[Mapping[str, Any]] = {"$ref": "policy#"}
# What AWS takes and the schemas do not: a cluster that begins with a snapshot has its user's name from there
# (findings/cdk-validates-its-own-construct-away.sh).
_MISSTATED: Final = frozenset({("AWS::RDS::DBCluster", "MasterUserPassword")})
# What an alternative in a schema says, where it is looked into.
_ALTERNATIVE: Final = frozenset({"$ref", "properties", "enum", "items"})


@dataclass(frozen=True)
class Companions:
    """Keys of a mapping that go together: of each of ``exclusive`` one is wanted, of each of ``either`` one at least.

    ``together`` says which keys want others beside them, ``apart`` which want them away.
    """

    exclusive: tuple[tuple[str, ...], ...]
    either: tuple[tuple[str, ...], ...]
    together: Mapping[str, Sequence[str]]
    apart: Mapping[str, Sequence[str]]

    @cached_property
    def none(self) -> bool:
        """Whether each key may stand as it likes, as in most mappings."""
        return not (self.exclusive or self.either or self.together or self.apart)


def _together(spot: SchemaPlace) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = spot.node.get("dependentRequired", {})
    return {key: others for key, others in found.items() if (spot.kind, key) not in _MISSTATED}


def _lists(written: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Return lists of keys, of which one alone may be written as itself."""
    if written and all(isinstance(each, str) for each in written):
        return (tuple(written),)
    return tuple(tuple(each) for each in written)


@dataclass(frozen=True, eq=False)
class SchemaPlace:
    """A place in a type's schema: what stands there, what it is called, and the file whose definitions it refers to.

    Templates are looked through again and again: what a place says is worked out once.
    """

    node: Node
    kind: str
    file: Node
    type: str

    @cached_property
    def keys(self) -> dict[str, SchemaPlace] | None:
        """The keys of a mapping that takes no others; None where any key is allowed, and for plain values."""
        found: dict[str, SchemaPlace] = {}
        for each in self._alternatives:
            for name, node in each.node.get("properties", {}).items():
                policy = name in _POLICIES and "properties" not in node and "$ref" not in node
                child = replace(each, node=_POLICY if policy else node, kind=f"{each.kind}.{name}")
                found.setdefault(name, child._referred())
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
    def patterns(self) -> dict[str, SchemaPlace]:
        """What stands under the keys of a mapping that match a regular expression."""
        return {
            pattern: replace(each, node=node, kind=f"{each.kind}.*")._referred()
            for each in self._alternatives
            for pattern, node in each.node.get("patternProperties", {}).items()
        }

    @cached_property
    def item(self) -> SchemaPlace:
        """What the items of a list are; the place itself where it is no list, or may be a single item."""
        for each in self._alternatives:
            if "items" in each.node and "properties" not in each.node:
                return replace(each, node=each.node["items"])._referred().item
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
        return tuple(dict.fromkeys(text_of(value) for values in lists for value in values))

    def other_type(self, value: Any) -> str:
        """Return the types of which a value must be one, in words, where it is of none; else nothing.

        A number and a truth may be written as a text, as CloudFormation reads them.
        """
        types = self.types
        if value is None or not types or TYPE_OF.get(type(value)) in types or any(TYPES[each](value) for each in types):
            return ""
        return " or ".join(WORDS[each] for each in sorted(self.types))

    @cached_property
    def bounds(self) -> tuple[Node, ...]:
        """What each value has to keep to, whatever else it is."""
        spot = self._referred()
        return (spot.node, *(replace(spot, node=node)._referred().node for node in spot.node.get("allOf", ())))

    @cached_property
    def bounds_of_lists(self) -> tuple[Bound, ...]:
        """What keeps a list within bounds, where anything does."""
        words = {"minItems", "maxItems", "uniqueItems"}
        return tuple((of_list, node) for node in self.bounds if not words.isdisjoint(node))

    @cached_property
    def bounds_of_numbers(self) -> tuple[Bound, ...]:
        """What keeps a number within bounds, where anything does."""
        return tuple(each for each in self.bounds_of_values if each[0] is of_number)

    @cached_property
    def bounds_of_values(self) -> tuple[Bound, ...]:
        """What keeps a number, or a text, within bounds, where anything does."""
        words = {
            of_number: {"minimum", "maximum", "multipleOf"},
            of_text: {"minLength", "maxLength", "pattern"},
        }
        return tuple((check, node) for node in self.bounds for check, own in words.items() if not own.isdisjoint(node))

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that JSON knows, of which a value may be; none where the schema does not say."""
        found = set[str]()
        for each in self._alternatives:
            # A reference leaves behind what stands beside it, as the policy's "or a list of these" does.
            found |= types_of(each.node, ("object", "array") if "properties" in each.node else ())
            if any("type" in inner and not _ALTERNATIVE.intersection(inner) for inner in each.choices):
                return frozenset()
        return frozenset(found)

    @cached_property
    def any_text(self) -> bool:
        """Whether there is nothing to say of a text that stands there, as of most values of a template."""
        is_bound = any(check is of_text for check, _ in self.bounds_of_values)
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

    def beyond(self, value: Any, *, written: bool) -> str:
        """Return what CloudFormation takes in the place of a value that is beyond a bound, in words; else nothing.

        ``written`` says whether it is looked at how a text is written.
        """
        if value is None or isinstance(value, bool) or is_mapping(value):
            return ""
        if isinstance(value, list):
            checks = self.bounds_of_lists
        else:
            checks = self.bounds_of_values if written else self.bounds_of_numbers
        if not checks or deferred(value):
            return ""
        return next((wanted for check, node in checks if (wanted := check(node, value))), "")

    @property
    def choices(self) -> Iterator[Node]:
        """Of what a value is said to be one, or all."""
        for word in ("anyOf", "oneOf", "allOf"):
            yield from self.node.get(word, ())

    @cached_property
    def _alternatives(self) -> list[SchemaPlace]:
        """The place and those of which it is said to be one, or all."""
        spot = self._referred()
        inner = [node for node in spot.choices if _ALTERNATIVE.intersection(node)]
        return [spot, *(each for node in inner for each in replace(spot, node=node)._alternatives)]

    def _referred(self) -> SchemaPlace:
        """Return the place that is referred to, or this one."""
        spot = self
        while reference := spot.node.get("$ref"):
            file, _, pointer = str(reference).partition("#")
            target = shipped(f"other/iam/{file}.json") if file else spot.file
            node: Any = target
            for step in filter(None, pointer.split("/")):
                node = node[step]
            defined = pointer.startswith("/definitions/") and target is root(self.type).file
            kind = f"{self.type}.{pointer.rpartition('/')[2]}" if defined else spot.kind
            spot = SchemaPlace(node, kind, target, self.type)
        return spot


@cache
def root(resource_type: str) -> SchemaPlace:
    """Return the place where a type's schema begins."""
    file = shipped(f"resources/{files()[resource_type]}.json")
    return SchemaPlace(file, resource_type, file, resource_type)


@cache
def files() -> Mapping[str, str]:
    """Return the file of each type that has a schema."""
    found: Mapping[str, str] = shipped(f"providers/{_REGION}.json")
    return found


@cache
def shipped(name: str) -> Any:
    """Return what a file says that cfn-lint ships, by its path below the schemas."""
    # Not by cfn-lint's own modules: to import them takes as long as everything else that is done here.
    found = importlib.util.find_spec("cfnlint")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("cfnlint")
    read = json.loads((Path(found.submodule_search_locations[0]) / "data/schemas" / name).read_text(encoding="utf-8"))
    if name == "other/iam/policy.json":
        read["definitions"]["Principal"]["additionalProperties"] = False  # as IAM has it; cfn-lint takes any
    return read


def text_of(value: object) -> str:
    """Return a value as CloudFormation compares it with those that are enumerated."""
    return str(value).lower() if isinstance(value, bool) else str(value)
