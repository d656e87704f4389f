"""Time that is told and not waited for: people who live through a storm in no time, the same each time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from loadtest.crowd import profiles
from loadtest.crowd.browser.answer import Answer
from loadtest.crowd.browser.browser import LostFile
from loadtest.crowd.browser.page import Form, Page
from loadtest.crowd.habits import Behaviour
from loadtest.crowd.lives import Life
from loadtest.crowd.person import TICK, Crowd, Person
from loadtest.crowd.storm_clock import Abandoned
from loadtest.record.measurements import Recorder
from loadtest.record.phases import Phases

PATH = "/register/spring/"
CLAIM = "/register/spring/claim"


class Timeline:
    """A clock that stands still until somebody sleeps."""

    def __init__(self, moment: float = -math.inf) -> None:
        self._moment = moment
        self._deadline = math.inf

    def __call__(self) -> float:
        return self._moment

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        if self._moment + seconds >= self._deadline:
            self._moment = self._deadline
            raise Abandoned
        self._moment += seconds

    def pass_by(self, life: Life) -> None:
        """Let somebody live, by a clock that goes on to the next act."""
        for moment in life:
            self.sleep(max(0.0, moment - self._moment))

    @contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        self._deadline = self._moment + seconds
        try:
            yield
        finally:
            self._deadline = math.inf


def answer(status: int = 200) -> Answer:
    return Answer(status, b"", None, None, None, None, 0.0, False, None)


@dataclass(frozen=True)
class Sent:
    """A request of a person: its moments from the opening, its status, 499 if the person went away."""

    person: int
    method: str
    path: str
    url: str
    start: float
    end: float
    status: int


@dataclass
class Site:
    """A site that is the same for each person.

    How long an answer takes follows from the person and the count of their requests, and what it says from the moment.
    """

    clock: Timeline
    recorder: Recorder
    phases: Phases
    person: int
    latency: Callable[[random.Random], float]
    sold_out_at: float = math.inf
    failing: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    claimed: bool = False
    read_lag: float = 0.0
    lost: LostFile | None = None

    def __post_init__(self) -> None:
        self._rng = random.Random(f"site:{self.person}")

    def open(self, url: str) -> tuple[Page, Answer]:
        return self._answered("GET", PATH, url, "page", self._page)

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        return self._answered("POST", CLAIM, url, "claim-request", self._claim)

    def _page(self) -> Page:
        if self.clock() < 0:
            return Page("closed")
        if self.clock() > self.sold_out_at:
            return Page("sold-out")
        return Page("open", form=Form(CLAIM, {"course": "spring"}))

    def _claim(self) -> Page:
        if self.clock() > self.sold_out_at and not self.claimed:
            return Page("sold-out")
        again, self.claimed = self.claimed, True
        return Page("confirmed", code=f"CODE-{self.person}", again=again)

    def _answered(self, method: str, path: str, url: str, name: str, page: Callable[[], Page]) -> tuple[Page, Answer]:
        start, status = self.clock(), 499
        takes, fails = self.latency(self._rng), self._rng.random() < self.failing
        try:
            self.clock.sleep(round(takes / TICK) * TICK)
            shown = Page() if fails else page()
            status = 502 if fails else 409 if method == "POST" and shown.state == "sold-out" else 200
            return shown, answer(status)
        finally:
            end = self.clock()
            self.sent.append(Sent(self.person, method, path, url, start, end, status))
            phase = self.phases.at(start)
            self.recorder.duration(name, phase, end, round((end - start) / TICK) * TICK)
            self.recorder.count("requests", phase, end)


PHASES = Phases(10, 60, 10, 60, 20)


def live(
    people: Sequence[int],
    recorder: Recorder,
    *,
    habits: Behaviour | None = None,
    seed: int = 1,
    phases: Phases = PHASES,
    regulars: int = 0,
    latency: Callable[[random.Random], float] = lambda rng: rng.lognormvariate(math.log(0.3), 1.5),
    sold_out_at: float = math.inf,
    failing: float = 0.0,
) -> tuple[list[Person], list[Sent]]:
    """Let some people live through a storm, each by a clock of their own; returns them and all that they sent."""
    crowd = Crowd(
        "http://localhost" + PATH,
        phases,
        habits or profiles.load(),
        seed,
        regulars,
        "person-{number}@storm.example.org",
    )
    lived, sent = [], []
    for number in people:
        clock = Timeline(phases.start)
        site = Site(clock, recorder, phases, number, latency, sold_out_at, failing)
        person = Person(number, crowd, clock, site, recorder)
        clock.pass_by(person.live())
        lived.append(person)
        sent += site.sent
    return lived, sent
