"""The record of one storm: plain values that both halves agree on, and their JSON form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Measurements
from loadtest.record.page_states import CONFIRMED, UNANSWERED
from loadtest.record.phases import Phases
from loadtest.record.real_browsers import Browsers


@dataclass
class Parameters:
    """What was asked for.

    Seconds by phase name; ``form_median`` in seconds; ``behaviour`` is that of ``profile`` in ``people_file``, as it
    was then, its form scaled to ``form_median``; ``kills_task`` says that one of the site's tasks was to be stopped at
    the opening.
    """

    people: int
    seats: int
    phases: dict[str, float]
    workers: int
    seed: int
    form_median: float
    behaviour: dict[str, Any] = field(default_factory=dict)
    people_file: str = ""
    profile: str = ""
    kills_task: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for what no storm was asked for."""
        if min(self.people, self.seats) < 1:
            raise ValueError(f"{self.people} people, {self.seats} seats; there is at least 1 of each")
        Phases.of(self.phases)


@dataclass
class Course:
    """The course that was made for this storm. Moments in epoch seconds; ``opens_at`` by the site's clock.

    ``clock_offset`` is the site's clock minus ours, ``clock_error`` half the time its answer took: the offset is known
    to within that.
    """

    slug: str
    url: str
    seats: int
    opens_at: float
    clock_offset: float
    clock_error: float


@dataclass
class Worker:
    """One process of the generator.

    ``cpu`` is its share of one core in each report's interval (about 1 s each; 1.0 is a full core); ``totals`` is what
    it says it counted, in its last report; ``clock_apart`` is its clock minus the parent's, known to within
    ``clock_error``, and ``silence`` the longest time without a word from it, all in seconds.
    """

    index: int
    people: int
    reports: int = 0
    finished: bool = False
    cpu: list[float] = field(default_factory=list)
    clock_apart: float = 0.0
    silence: float = 0.0
    totals: dict[str, int] = field(default_factory=dict)
    clock_error: float = 0.0


@dataclass
class Claim:
    """A claim as the person who made it saw it.

    ``answers`` holds how each press on submit ended, in the words of ``loadtest.record.page_states``; ``sends`` how
    often it was sent in all; ``codes`` the different confirmation codes that were seen: one, if the site is right.
    """

    person: int
    email: str
    sends: int = 0
    answers: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """What the person knows in the end: once confirmed, confirmed."""
        if CONFIRMED in self.answers:
            return CONFIRMED
        return self.answers[-1] if self.answers else UNANSWERED


@dataclass
class LedgerRow:
    """A claim as the site stored it."""

    code: str
    email: str


@dataclass
class Ledger:
    """The site's ledger after the storm: ``sold`` counts its rows, ``taken`` is its counter of seats."""

    seats: int
    sold: int
    taken: int
    claims: list[LedgerRow]


@dataclass
class KilledTask:
    """The task (its ARN) that was stopped, ``at`` so many seconds after the opening, when ``healthy`` ones were there.

    ``whole_after`` is how many seconds after the stop as many were healthy again; None: not as long as was looked.
    """

    task: str
    at: float
    healthy: int
    whole_after: float | None = None

    @property
    def sentence(self) -> str:
        """What became of it, in few words."""
        again = "not whole again" if self.whole_after is None else f"whole again after {self.whole_after:.1f} s"
        return f"1 of {self.healthy} tasks stopped at {self.at:+.1f} s, {again}"


@dataclass
class Record:
    """Everything the gate judges by.

    ``faults`` are sentences about what went wrong in the generator or around it; ``ledger_fault`` says why there is no
    ledger; ``cut`` why the storm was ended before its time, because it could no longer pass. ``environment`` names what
    was stormed (sizes, region), for comparison with other storms. ``locust`` has the requests by kind (page, asset,
    claim) as Locust's own statistics counted them; None unless every worker finished. ``killed`` is the task that was
    stopped at the opening; ``examples`` are the first errors of each kind. ``browsers`` are the people who were real
    browsers: their claims are among the ``claims``, by numbers beyond those of the crowd; all else is kept apart.
    """

    host: str
    commit: str
    started_at: str
    parameters: Parameters
    site_commit: str | None = None
    course: Course | None = None
    measurements: Measurements = field(default_factory=Measurements)
    workers: list[Worker] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    ledger: Ledger | None = None
    ledger_fault: str | None = None
    faults: list[str] = field(default_factory=list)
    cut: str | None = None
    seconds_run: float = 0.0
    locust: dict[str, int] | None = None
    killed: KilledTask | None = None
    examples: list[ErrorExample] = field(default_factory=list)
    browsers: Browsers = field(default_factory=Browsers)
    environment: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def phases(self) -> Phases:
        """Those that were asked for."""
        return Phases.of(self.parameters.phases)
