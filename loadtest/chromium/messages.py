"""What the storm and the process of its browsers tell each other: lines of JSON, over standard input and output."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TypeVar

from loadtest.record.codec import RecordError, decode, encode, read_json
from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Measurements
from loadtest.record.real_browsers import Picture
from loadtest.record.record import Claim

T = TypeVar("T")


@dataclass
class Order:
    """What the browsers are to do, the first of them with the number ``first`` among all people.

    ``opening`` is on the monotonic clock, which the processes of a machine share; ``phases`` in seconds by name;
    ``emails`` a template; ``passes`` the headers that each of them sends to the site, as all people of a storm do.
    """

    url: str
    opening: float
    phases: dict[str, float]
    first: int
    emails: str
    passes: list[dict[str, str]]


@dataclass
class News:
    """What came since the last one. ``program`` says who they are, in the first; ``final`` that it is the last."""

    program: str = ""
    measurements: Measurements = field(default_factory=Measurements)
    examples: list[ErrorExample] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    final: bool = False


def line(message: Order | News) -> str:
    """Write a message as a line."""
    return json.dumps(encode(message), allow_nan=False) + "\n"


def read(kind: type[T], text: str) -> T:
    """Read a line. Raise RecordError."""
    try:
        document = read_json(text)
    except ValueError as error:
        raise RecordError(f"not JSON: {text.strip()[:200]}") from error
    return decode(kind, document, "message")
