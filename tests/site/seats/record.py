"""What was seen of one storm: every answer that somebody read, and what the database holds in the end."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """An answer that arrived whole."""

    # Its number in the plan.
    person: int
    asked_at: float
    # Seconds of one clock.
    answered_at: float
    status: int
    # The page's marker; None if it has none.
    state: str | None
    code: str | None
    again: bool
    # A name, an address or a code in it that is somebody else's.
    foreign: str | None
    # On the waiting list: the number, or "offered".
    place: str | None = None


@dataclass(frozen=True)
class Row:
    """A row of the claims or of the cancellations."""

    key: str
    # In groups, as people see it.
    code: str
    name: str
    email: str
    answers: str | None
    # Milliseconds since 1970.
    claimed_at: int = 0


@dataclass(frozen=True)
class Place:
    """A row of the waiting list."""

    id: int
    code: str
    name: str
    email: str
    state: str
    queued_at: int
    # A seat was held for the person at some time.
    was_offered: bool


@dataclass
class Record:
    """One storm, seen from outside and from inside."""

    answers: list[Answer] = field(default_factory=list)
    # By person: when each request was begun, whether it was answered or not.
    attempts: dict[int, list[float]] = field(default_factory=dict)
    # By person who stayed to the end: the last answer, got when nothing broke any more.
    settled: dict[int, Answer] = field(default_factory=dict)
    seats: int = 0
    taken: int = 0
    claims: list[Row] = field(default_factory=list)
    cancelled: list[Row] = field(default_factory=list)
    # The course's counters of the waiting list, and the list.
    held: int = 0
    queued: int = 0
    places: list[Place] = field(default_factory=list)
