"""What the storm and its workers say to each other, over Locust's own channel between master and workers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from loadtest.crowd.habits import Behaviour
from loadtest.record.codec import decode, encode
from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Measurements
from loadtest.record.phases import Phases
from loadtest.record.record import Claim

RELEASE: Final = "floodgate_release"
REPORT: Final = "floodgate_report"
CLOCK: Final = "floodgate_clock"
# Seconds between two reports of a worker.
REPORT_INTERVAL: Final = 1.0


@dataclass
class Release:
    """What the storm tells one worker: when the opening is, and which people it has.

    ``opening`` is in epoch seconds by the worker's own clock; its ``people`` are numbered from ``first_person`` and
    behave as ``behaviour`` says; ``token`` is the stage's, by which the site tells them apart.
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
    emails: str
    phases: Phases


@dataclass
class Report:
    """What a worker counted since its last report, and how it fares.

    ``number`` counts reports from 1, so that a lost one shows; ``cpu`` is the share of a core it used since the last
    report; ``totals`` (last report only) what it counted in all; ``examples`` are its first errors of kinds
    that it had not met before.
    """

    worker: int
    number: int
    cpu: float
    news: Measurements
    claims: list[Claim] = field(default_factory=list)
    final: bool = False
    totals: dict[str, int] = field(default_factory=dict)
    examples: list[ErrorExample] = field(default_factory=list)


@dataclass
class Clock:
    """The question for a worker's clock, and its answer.

    ``sent_at`` is the parent's clock, in seconds from no particular moment; ``now`` the worker's, in epoch seconds, and
    0 in the question; ``code`` tells which version of this package answers.
    """

    sent_at: float
    now: float = 0.0
    code: str = ""


@cache
def code() -> str:
    """Return a fingerprint of what a worker's image holds of this package.

    People are the same only where their code is.
    """
    root = Path(__file__).parents[2]
    listed = (root / "loadtest/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.removeprefix("!") for line in listed if line.startswith("!loadtest/") and line.endswith(".py")]
    files = sorted({file for pattern in patterns for file in root.glob(pattern)})
    return hashlib.sha256(
        b"\0".join(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() for file in files)
    ).hexdigest()


def pack(message: Release | Report | Clock) -> dict[str, Any]:
    """Return the form in which a message travels."""
    packed: dict[str, Any] = encode(message)
    return packed


def unpack_release(data: object) -> Release:
    """Read a release from its travelling form. Raise RecordError when it is none."""
    return decode(Release, data, "release")


def unpack_report(data: object) -> Report:
    """Read a report from its travelling form. Raise RecordError when it is none."""
    return decode(Report, data, "report")


def unpack_clock(data: object) -> Clock:
    """Read a question for the clock, or its answer, from its travelling form. Raise RecordError when it is none."""
    return decode(Clock, data, "clock")
