"""What a rehearsal makes of the properties of a kind of mapping in a template: honoured, or without effect, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.values import resource_schema
from rehearsal.values.resource_schema import Choice, Entry, Mistyped

NAMES = "names and keys only"
TAGS = "Tags"


@dataclass(frozen=True)
class Properties:
    """The properties of one kind of mapping: those that are honoured, and those that knowingly have no effect, and why.

    ``values`` are those of an enumerated property that are honoured, where others are not; ``wanted`` are those that
    the service wants, of which CloudFormation's own schema does not say so.
    """

    honoured: frozenset[str]
    without_effect: Mapping[str, str]
    values: Mapping[str, frozenset[str]]
    wanted: frozenset[str] = frozenset()

    def knows(self, name: str) -> bool:
        """Return whether a property is honoured, or knowingly without effect."""
        return name in self.honoured or name in self.without_effect

    def instead_of(self, name: str, value: str) -> str:
        """Return the values of a property that are honoured, where ``value`` is not among them; else nothing."""
        allowed = self.values.get(name, frozenset({value}))
        return "" if value in allowed else ", ".join(sorted(allowed))


def properties(honoured: str, *without_effect: tuple[str, str]) -> Properties:
    """Make a kind's properties of words: ``Name``, or ``Name=value|value`` where some values alone are honoured.

    ``Name!`` is one that the service wants. Of the others, a pair holds names and the reason for which they have no
    effect.
    """
    words = [word.partition("=") for word in honoured.split()]
    return Properties(
        frozenset(name.rstrip("!") for name, _, _ in words),
        {name: reason for names, reason in without_effect for name in names.split()},
        {name.rstrip("!"): frozenset(values.split("|")) for name, _, values in words if values},
        frozenset(name[:-1] for name, _, _ in words if name.endswith("!")),
    )


def faults(table: Mapping[str, Properties], kind: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a resource, at any depth, ``table`` does not hold: a few words for each property and each value.

    ``kind`` is a type of resource. What has no effect is not looked into; tags never have one. Values of another type
    than a key's are ``resource_schema.faults``'.
    """
    for each in resource_schema.walk(kind, found, lambda inner, name: name in table.get(inner, _NOTHING).honoured):
        if isinstance(each, Mistyped):
            continue
        known = table.get(each.kind, _NOTHING)
        if isinstance(each, Choice):
            if values := known.instead_of(each.key, each.value):
                yield f"{resource_schema.place(each.path)} is {each.value!r}; the rehearsal honours {values}"
        else:
            for name in each.mapping:
                if not known.knows(name) and name != TAGS:
                    place = resource_schema.place((*each.path, name))
                    yield f"the rehearsal does not know how to honour {place}"


def missing(table: Mapping[str, Properties], kind: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the place of each property that a service wants and that a resource, at any depth, does not have."""
    for each in resource_schema.walk(kind, found, lambda inner, name: name in table.get(inner, _NOTHING).honoured):
        if isinstance(each, Entry):
            for name in sorted(table.get(each.kind, _NOTHING).wanted - set(each.mapping)):
                yield resource_schema.place((*each.path, name))


_NOTHING = Properties(frozenset(), {}, {})
