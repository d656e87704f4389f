"""How often each resource of a stack has been made.

What replaces a resource has its logical id and nothing else of it: other identifiers, other secrets, other data. A
stack that is put back when the next run starts must name the same ones again, so the number is kept with the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """A stack among all accounts and regions."""

    account: str
    region: str
    stack: str


# Beside moto's backends, which are as much the whole process's.
_made: dict[Place, dict[str, int]] = {}


def begin(place: Place, made: Mapping[str, int]) -> None:
    """Set what has been made for a stack so far."""
    _made[place] = dict(made)


def of(place: Place) -> dict[str, int]:
    """Return the resources of a stack that have been made more than once, or are gone, each with its number."""
    return dict(_made.get(place, {}))


def number(place: Place, logical_id: str) -> int:
    """Return the number of the resource of that name that stands, or is made next; 1 for the first."""
    return _made.get(place, {}).get(logical_id, 1)


def instance(place: Place, logical_id: str) -> str:
    """Return a name for the one of that number: the logical id, with ``#2`` behind it for the second."""
    made = number(place, logical_id)
    return logical_id if made == 1 else f"{logical_id}#{made}"


def count(place: Place, logical_id: str) -> None:
    """Count that the resource which stands is on its way out: the next of its name is another."""
    _made.setdefault(place, {})[logical_id] = number(place, logical_id) + 1
