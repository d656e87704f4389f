"""What the storm and its workers say to each other, over Locust's own channel between master and workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from loadtest.behaviour import Behaviour
from loadtest.measurements import Measurements
from loadtest.record import Claim, decode, encode

RELEASE: Final = "floodgate_release"
REPORT: Final = "floodgate_report"
REPORT_INTERVAL: Final = 1.0
"""Seconds between two reports of a worker."""


@dataclass
class Release:
    """What the storm tells one worker: when the opening is, and which people it has.

    `opening` is in epoch seconds by the parent's clock; its `people` are numbered from `first_person` and behave
    as `behaviour` says; `token` is the stage's, by which the site tells them apart.
    """

    opening: float
    worker: int
    first_person: int
    people: int
    regulars: int
    url: str
    token: str
    seed: int
    behaviour: Behaviour
    email_domain: str
    phases: list[float]


@dataclass
class Report:
    """What a worker counted since its last report, and how it fares.

    `number` counts reports from 1, so that a lost one shows; `sent_at` is the worker's clock in epoch seconds; `cpu`
    the share of a core it used since the last report; `totals` (last report only) what it counted in all.
    """

    worker: int
    number: int
    sent_at: float
    cpu: float
    news: Measurements
    claims: list[Claim] = field(default_factory=list)
    final: bool = False
    totals: dict[str, int] = field(default_factory=dict)


def pack(message: Release | Report) -> dict[str, Any]:
    """The form in which a message travels."""
    packed: dict[str, Any] = encode(message)
    return packed


def unpack_release(data: object) -> Release:
    """A release from its travelling form. Raises RecordError when it is none."""
    message: Release = decode(Release, data, "release")
    return message


def unpack_report(data: object) -> Report:
    """A report from its travelling form. Raises RecordError when it is none."""
    message: Report = decode(Report, data, "report")
    return message
