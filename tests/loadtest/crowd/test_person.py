"""People against sites that are scripted answer by answer, by a clock that does not wait."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import gevent
import pytest
from geventhttpclient.response import HTTPParseError

from loadtest.crowd import habits, profiles
from loadtest.crowd.browser.answer import Answer
from loadtest.crowd.browser.browser import LeftSite, LostFile
from loadtest.crowd.browser.page import Form, Page
from loadtest.crowd.habits import Behaviour, Component, Distribution
from loadtest.crowd.person import Crowd, Person
from loadtest.crowd.storm_clock import Abandoned, StormClock
from loadtest.record.measurements import Recorder
from loadtest.record.phases import Phases
from tests.loadtest.timeline import Timeline, answer

FORM = Form("http://localhost/claim", {"course": "spring"})
FIND = Form("http://localhost/claim", {"find": "1"})
CLOSED, OPEN, SOLD_OUT = Page("closed"), Page("open", form=FORM), Page("sold-out")
ENDED, AGAIN = Page("ended"), Page("confirmed", code="ABCD", again=True)
CONFIRMED, WAITING, FOREIGN = Page("confirmed", code="ABCD"), Page("waiting", reload_after=0.05), Page()


def always(seconds: float) -> Distribution:
    return Distribution((Component(1.0, seconds, 0.0),))


HABITS = replace(
    profiles.load(),
    reload_gap=always(0.02),
    eager_gap=always(0.02),
    reaction=always(0.02),
    retry_gap=always(0.02),
    form=always(0.02),
    regular_gap=always(0.02),
    patience=always(0.15),
    claim_patience=always(0.15),
    late=1.0,
    give_up=0.0,
    submit_twice=0.0,
    submit_again=0.0,
)


class Script:
    """A site that gives one answer after the other; the last one for ever. A number is seconds of silence."""

    # Seconds by which the generator reads each answer too late.
    read_lag = 0.0
    # The file that each page lacks.
    lost: LostFile | None = None

    def __init__(self, clock: Timeline, pages: Sequence[object], claims: Sequence[object] = ()) -> None:
        self.clock, self.requests = clock, list[float]()
        self.pages, self.claims = list(pages), list(claims)
        self.submitted: list[str] = []

    def open(self, url: str) -> tuple[Page, Answer]:
        self.requests.append(self.clock())
        return self._next(self.pages)

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        self.submitted.append(fields)
        return self._next(self.claims)

    def _next(self, answers: list[object]) -> tuple[Page, Answer]:
        event = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(event, Exception):
            raise event
        if isinstance(event, float):
            self.clock.sleep(event)
            return Page("closed"), answer()
        assert isinstance(event, Page)
        return event, answer(503 if event.state in (None, "waiting") else 200)


PHASES = Phases(0.05, 0.05, 0.3, 0.4, 0.2)


@dataclass
class Life:
    """What became of a person, what was counted, and what the site saw of it."""

    person: Person
    recorder: Recorder
    site: Script


def live(
    pages: Sequence[object],
    claims: Sequence[object] = (),
    habits: Behaviour = HABITS,
    regulars: int = 0,
    phases: Phases = PHASES,
) -> Life:
    recorder, clock = Recorder(), Timeline(phases.start)
    site = Script(clock, pages, claims)
    crowd = Crowd("http://localhost/register/spring/", phases, habits, 1, regulars, "person-{number}@storm.example.org")
    person = Person(7, crowd, clock, site, recorder)
    clock.pass_by(person.live())
    return Life(person, recorder, site)


@pytest.mark.parametrize(
    ("pages", "claims", "outcome", "counted"),
    [
        pytest.param(
            [CLOSED, OPEN],
            [CONFIRMED],
            "confirmed",
            {"saw-closed": 1, "saw-open": 1, "saw-confirmed": 1, "served": 1},
            id="waits for the opening and confirms",
        ),
        pytest.param([SOLD_OUT], [], None, {"saw-sold-out": 1, "served": 1, "submits": 0}, id="comes when sold out"),
        pytest.param([OPEN], [SOLD_OUT], "sold-out", {"saw-sold-out": 1, "served": 1}, id="claims when sold out"),
        pytest.param(
            [CLOSED, ENDED],
            [],
            None,
            {"saw-ended": 1, "served": 1, "submits": 0, "errors": 0},
            id="registration ends while waiting",
        ),
        pytest.param(
            [OPEN], [ENDED], "ended", {"saw-ended": 1, "served": 1, "submits": 1}, id="registration ends while claiming"
        ),
        pytest.param(
            [OPEN],
            [1.0, AGAIN],
            "confirmed",
            {"saw-confirmed": 1, "saw-again": 1, "served": 1, "submits": 1},
            id="claim aborted and confirmed again",
        ),
        pytest.param(
            [WAITING, WAITING, SOLD_OUT],
            [],
            None,
            {"saw-waiting": 2, "wants": 1, "attempts": 3, "errors": 0},
            id="waiting page and reload",
        ),
        pytest.param([1.0, SOLD_OUT], [], None, {"aborts": 1, "wants": 1, "attempts": 2}, id="page aborted and reload"),
        pytest.param(
            [FOREIGN, SOLD_OUT],
            [],
            None,
            {"errors": 1, "error-http-503": 1, "people-with-errors": 1, "wants": 1},
            id="page of somebody else",
        ),
        pytest.param(
            [HTTPParseError("x"), SOLD_OUT], [], None, {"errors": 1, "error-broken-answer": 1}, id="broken answer"
        ),
        pytest.param(
            [ConnectionRefusedError(), SOLD_OUT], [], None, {"errors": 1, "error-refused": 1}, id="connection refused"
        ),
        pytest.param(
            [OSError(errno.EMFILE, "Too many open files"), SOLD_OUT],
            [],
            None,
            {"errors": 1, "error-shortage": 1},
            id="shortage of descriptors",
        ),
        pytest.param(
            [Page("open"), SOLD_OUT],
            [],
            None,
            {"errors": 1, "error-open-page": 1, "saw-open": 0},
            id="open page without form",
        ),
        pytest.param(
            [OPEN],
            [1.0, CONFIRMED],
            "confirmed",
            {"submits": 1, "aborts": 1, "saw-confirmed": 1},
            id="claim aborted and sent again",
        ),
        pytest.param(
            [OPEN],
            [WAITING, CONFIRMED],
            "confirmed",
            {"submits": 1, "saw-waiting": 1, "errors": 0},
            id="waiting page for a claim",
        ),
        pytest.param(
            [OPEN, WAITING, Page("sold-out", find=FIND)],
            [WAITING, AGAIN],
            "confirmed",
            {"submits": 1, "saw-waiting": 2, "saw-sold-out": 1, "saw-again": 1, "errors": 0},
            id="answer lost and code found again",
        ),
        pytest.param(
            [OPEN, Page("sold-out", find=FIND)],
            [WAITING, SOLD_OUT],
            "sold-out",
            {"submits": 1, "saw-sold-out": 2, "errors": 0},
            id="claim not taken and nothing found",
        ),
        pytest.param(
            [OPEN, SOLD_OUT],
            [WAITING, AGAIN],
            "sold-out",
            {"submits": 1, "saw-sold-out": 1, "saw-again": 0},
            id="answer lost and no way back",
        ),
        pytest.param(
            [OPEN, FOREIGN, 1.0, OPEN],
            [WAITING, CONFIRMED],
            "confirmed",
            {"submits": 1, "errors": 1, "aborts": 1, "saw-open": 2},
            id="led back over a foreign page and an abort",
        ),
        pytest.param(
            [OPEN], [FOREIGN, CONFIRMED], "confirmed", {"submits": 1, "errors": 1}, id="foreign answer to a claim"
        ),
        pytest.param(
            [OPEN],
            [Page("confirmed"), CONFIRMED],
            "confirmed",
            {"errors": 1, "error-confirmed-page": 1},
            id="confirmed page without code",
        ),
        pytest.param(
            [OPEN],
            [Page("invalid")],
            "invalid",
            {"errors": 1, "error-invalid-page": 1, "served": 0},
            id="invalid claim",
        ),
        pytest.param(
            [OPEN], [CLOSED, CONFIRMED], "confirmed", {"submits": 2, "saw-open": 2}, id="closed page for a claim"
        ),
        pytest.param([1.0], [], None, {"unanswered": 1, "served": 0, "wants": 1}, id="page never answered"),
        pytest.param([FOREIGN], [], None, {"unanswered": 1, "served": 0, "wants": 1}, id="only foreign pages"),
        pytest.param(
            [OPEN], [1.0], "unanswered", {"unanswered": 1, "submits": 1, "served": 0}, id="claim never answered"
        ),
    ],
)
def test_what_a_person_lives_through(
    pages: Sequence[object], claims: Sequence[object], outcome: str | None, counted: dict[str, int]
) -> None:
    life = live(pages, claims)
    totals = life.recorder.totals
    assert (life.person.claim.outcome if life.person.claim else None) == outcome
    assert {name: totals[name] for name in counted} == counted
    assert totals["wait"] == totals["wants"]
    assert totals["claim"] == totals["submits"]
    assert totals["arrived"] == totals["left"] == 1


def test_a_wait_counts_across_aborts_from_the_wish_on() -> None:
    wait = live([1.0, SOLD_OUT]).recorder.take().phases["opening"].durations["wait"]
    assert wait.count == 1
    assert wait.largest == pytest.approx(0.15 + 0.02, abs=1e-5)


def test_a_wait_without_an_answer_counts_as_long_as_it_lasted() -> None:
    wait = live([1.0]).recorder.take().phases["opening"].durations["wait"]
    assert wait.count == 1
    assert wait.largest == pytest.approx(0.7 - 0.02, abs=1e-5)


def test_a_claim_counts_from_the_press_to_the_confirmation_across_aborts() -> None:
    claim = live([OPEN], [1.0, CONFIRMED]).recorder.take().whole().durations["claim"]
    assert claim.count == 1
    assert claim.largest == pytest.approx(0.15 + 0.02, abs=1e-5)


@pytest.mark.parametrize(
    ("habits", "sent", "counted"),
    [
        pytest.param(replace(HABITS, submit_again=1.0), 2, {"submits": 2, "repeated-submits": 0}, id="submits again"),
        pytest.param(
            replace(HABITS, submit_twice=1.0, double_submit_after=0.05),
            2,
            {"submits": 1, "repeated-submits": 1, "aborts": 0},
            id="submits twice at once",
        ),
        pytest.param(HABITS, 1, {"submits": 1, "repeated-submits": 0}, id="submits once"),
    ],
)
def test_a_person_may_submit_more_than_once(habits: Behaviour, sent: int, counted: dict[str, int]) -> None:
    life = live([OPEN], [0.12, CONFIRMED] if habits.submit_twice else [CONFIRMED], habits)
    claim = life.person.claim
    assert claim is not None
    assert (claim.sends, claim.codes) == (sent, ["ABCD"])
    assert len(set(life.site.submitted)) == 1
    assert {name: life.recorder.totals[name] for name in counted} == counted


def test_who_is_told_that_the_seat_was_theirs_already_does_not_ask_again() -> None:
    habits = replace(HABITS, submit_again=1.0)
    assert live([OPEN], [1.0, CONFIRMED], habits).recorder.totals["submits"] == 2
    assert live([OPEN], [1.0, AGAIN], habits).recorder.totals["submits"] == 1


def test_a_different_code_is_noticed() -> None:
    claims = [CONFIRMED, Page("confirmed", code="WXYZ")]
    claim = live([OPEN], claims, replace(HABITS, submit_again=1.0)).person.claim
    assert claim is not None
    assert claim.codes == ["ABCD", "WXYZ"]


def test_some_give_up_after_a_failed_attempt() -> None:
    totals = live([FOREIGN], habits=replace(HABITS, give_up=1.0)).recorder.totals
    assert (totals["gave-up"], totals["attempts"]) == (1, 1)


def test_who_is_still_in_the_form_when_the_crowd_leaves_asks_for_nothing() -> None:
    life = live([OPEN], habits=replace(HABITS, form=always(30.0)))
    assert life.person.claim is None
    assert life.recorder.totals["left-in-form"] == 1


@pytest.mark.parametrize("regulars", [pytest.param(0, id="no regulars"), pytest.param(8, id="eight regulars")])
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(0.03, id="page after 30 ms"),
        pytest.param(0.07, id="page after 70 ms"),
        pytest.param(0.1, id="page after 100 ms"),
        pytest.param(0.14, id="page after 140 ms"),
    ],
)
def test_who_has_asked_when_the_crowd_leaves_still_sees_the_answer(page: float, regulars: int) -> None:
    """Somebody asks before each phase ends, and is answered after it: no fault of the site, nor late of the storm."""
    life = live([page], regulars=regulars)
    ends = {-PHASES.before, PHASES.opening + PHASES.open, PHASES.end} if regulars else {PHASES.opening + PHASES.open}
    assert any(start < end < start + page for start in life.site.requests for end in ends)
    assert (life.recorder.totals["unanswered"], life.recorder.totals["aborts"]) == (0, 0)
    assert life.recorder.take().whole().durations["lag"].largest == 0


def test_regulars_look_in_before_and_after() -> None:
    measured = live([SOLD_OUT], regulars=8).recorder.take()
    assert measured.phases["warm-up"].counts["wants"] >= 1
    assert measured.phases["recovery"].counts["wants"] >= 1
    assert measured.phases["warm-up"].counts["people-in-all"] == measured.whole().counts["people-in-all"] == 1
    assert measured.whole().counts["people"] > 1


@pytest.mark.parametrize(("paced", "seconds"), [(True, 1.0), (False, 1.4)])
def test_a_pause_counts_from_the_press_or_from_the_page(paced: bool, seconds: float) -> None:
    """A page of 0.4 s and pauses of a second: the paced ones press each second."""
    habits = replace(HABITS, paced=paced, late=0.0, watch_clock=0.0, reload_gap=always(1.0), patience=always(5.0))
    moments = live([0.4], habits=habits, phases=Phases(1, 30, 1, 1, 1)).site.requests
    before = [moment for moment in moments if moment < 0]
    assert len(before) > 3
    assert {round(later - first, 4) for first, later in pairwise(before)} == {seconds}


def test_an_answer_is_seen_when_it_has_come_however_late_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 0.4 s for a page, 0.3 are the generator's: neither the wait nor the pause behind it knows of them."""
    monkeypatch.setattr(Script, "read_lag", 0.3)
    habits = replace(HABITS, late=0.0, watch_clock=0.0, reload_gap=always(1.0), patience=always(5.0))
    life = live([0.4], habits=habits, phases=Phases(1, 30, 1, 1, 1))
    before = [moment for moment in life.site.requests if moment < 0]
    assert {round(later - first, 4) for first, later in pairwise(before)} == {1.1}
    durations = life.recorder.take().phases["before"].durations
    assert durations["wait"].largest == pytest.approx(0.1, abs=1e-5)
    assert durations["lag"].largest == 0


@pytest.mark.parametrize(
    ("came", "status", "words"),
    [
        pytest.param(
            Answer(404, b"", None, None, None, None, 0.0, False, None), 404, "is missing", id="it is not there"
        ),
        pytest.param(ConnectionResetError(104, "reset"), None, "a file of the page: ", id="it is cut off"),
    ],
)
def test_a_page_without_one_of_its_files_is_seen_and_is_an_error(
    monkeypatch: pytest.MonkeyPatch, came: Answer | Exception, status: int | None, words: str
) -> None:
    monkeypatch.setattr(Script, "lost", LostFile("http://site.example/style.css", came))
    whole = (measured := live([SOLD_OUT]).recorder).take().whole()
    assert whole.counts["errors"] == whole.counts["error-lost-file"] == whole.counts["attempts"]
    assert whole.counts["served"] == whole.counts["people-with-errors-in-all"] == 1
    [example] = measured.take_examples()
    assert (example.kind, example.url, example.status) == ("lost-file", "http://site.example/style.css", status)
    assert words in example.what


def test_who_acts_late_because_the_page_was_read_late_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page seen after 0.1 s and read after 1.6 s, a pause of a second: the next reload is half a second late."""
    monkeypatch.setattr(Script, "read_lag", 1.5)
    habits = replace(HABITS, late=0.0, watch_clock=0.0, reload_gap=always(1.0), patience=always(5.0))
    lag = live([1.6], habits=habits, phases=Phases(1, 30, 1, 1, 1)).recorder.take().phases["before"].durations["lag"]
    assert lag.largest == pytest.approx(0.5, abs=1e-5)


def test_under_stress_everyone_presses_each_second_whether_the_page_comes_or_not() -> None:
    stress = profiles.load(profile="stress")
    for page in (0.01, 0.9, 60.0):
        moments = live([page], habits=stress, phases=Phases(1, 30, 1, 1, 1)).site.requests
        before = [moment for moment in moments if moment < 0]
        assert len(before) > 3
        assert {round(later - first, 2) for first, later in pairwise(before)} == {1.0}


def test_by_the_storms_clock_patience_ends_what_is_under_way() -> None:
    clock = StormClock(time.monotonic() - 5)
    assert clock() >= 5
    with gevent.Timeout(5), pytest.raises(Abandoned), clock.patience(0.01):
        clock.sleep(60)


def test_all_processes_mean_the_same_instant() -> None:
    """The opening on a clock that all processes of a machine share, as each of them works it out by itself."""
    clock = "from loadtest.crowd.storm_clock import StormClock"
    code = f"import sys; {clock}; print(StormClock.until(float(sys.argv[1])).opening)"
    opening = str(time.time() + 30)
    start = [
        subprocess.Popen([sys.executable, "-c", code, opening], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    found = [float(process.communicate(timeout=60)[0]) for process in start]
    assert max(found) - min(found) < 0.005


def test_the_form_is_scaled_to_the_storm() -> None:
    habits = profiles.load()
    assert habits.with_form_median(6.0).form.mixture[0].median == pytest.approx(6.0)
    assert habits.with_form_median(6.0).form.floor == pytest.approx(habits.form.floor / 10)
    assert habits.with_form_median(6.0).patience == habits.patience


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param(10, 5, id="half of few people"),
        pytest.param(300, 30, id="tenth of many"),
        pytest.param(3, 3, id="all of very few"),
        pytest.param(5000, 500, id="tenth of thousands"),
    ],
)
def test_the_regulars_are_a_small_share(people: int, expected: int) -> None:
    assert habits.regulars(people, profiles.load()) == expected


@pytest.mark.parametrize(
    ("answer", "example"),
    [
        pytest.param(
            LeftSite("https://www.example.org/", 301),
            ("led-away", 301, "redirected away from the site to https://www.example.org/"),
            id="redirect to another site",
        ),
        pytest.param(
            ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
            ("refused", None, "Connection refused"),
            id="connection refused",
        ),
        pytest.param(
            Page("open"),
            ("open-page", 200, "open, and no form with the id floodgate-claim and an address to send it to"),
            id="open page without form",
        ),
    ],
)
def test_the_first_error_of_a_kind_is_kept_with_what_was_wrong(
    answer: object, example: tuple[str, int | None, str]
) -> None:
    life = live([answer, answer, SOLD_OUT])
    (kept,) = life.recorder.take_examples()
    assert (kept.kind, kept.status, kept.what) == example
    assert kept.url == "http://localhost/register/spring/"
    assert PHASES.start <= kept.at < PHASES.end
    assert life.recorder.take_examples() == []
