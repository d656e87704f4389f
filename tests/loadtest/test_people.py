"""People against sites that are scripted answer by answer, on a clock that is quick."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import gevent
import pytest
from geventhttpclient.response import HTTPParseError

from loadtest import behaviour, people_file
from loadtest.behaviour import Behaviour, Component, Distribution
from loadtest.browser import Answer
from loadtest.clock import StormClock
from loadtest.measurements import Recorder
from loadtest.page import Form, Page
from loadtest.people import Crowd, Person
from loadtest.phases import Phases

FORM = Form("http://localhost/claim", {"course": "spring"})
CLOSED, OPEN, SOLD_OUT = Page("closed"), Page("open", form=FORM), Page("sold-out")
CONFIRMED, WAITING, FOREIGN = Page("confirmed", code="ABCD"), Page("waiting", reload_after=0.05), Page()


def always(seconds: float) -> Distribution:
    return Distribution((Component(1.0, seconds, 0.0),))


HABITS = replace(
    people_file.load(),
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

    def __init__(self, pages: Sequence[object], claims: Sequence[object] = ()) -> None:
        self.pages, self.claims = list(pages), list(claims)
        self.submitted: list[str] = []

    def open(self, url: str) -> tuple[Page, Answer]:
        return self._next(self.pages)

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        self.submitted.append(fields)
        return self._next(self.claims)

    def _next(self, answers: list[object]) -> tuple[Page, Answer]:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            gevent.sleep(answer)
            return Page("closed"), Answer(200, b"", None, None, None, None, 0.0, None)
        assert isinstance(answer, Page)
        return answer, Answer(503 if answer.state in (None, "waiting") else 200, b"", None, None, None, None, 0.0, None)


def live(script: Script, habits: Behaviour = HABITS, number: int = 7, regulars: int = 0) -> tuple[Person, Recorder]:
    phases = Phases(0.05, 0.05, 0.3, 0.4, 0.2)
    recorder = Recorder()
    crowd = Crowd("http://localhost/register/spring/", phases, habits, 1, regulars, "storm.example.org")
    person = Person(number, crowd, StormClock(time.monotonic() + 0.1), script, recorder)
    with gevent.Timeout(5):
        person.live()
    return person, recorder


@pytest.mark.parametrize(
    ("pages", "claims", "outcome", "counted"),
    [
        ([CLOSED, OPEN], [CONFIRMED], "confirmed", {"saw-closed": 1, "saw-open": 1, "saw-confirmed": 1, "served": 1}),
        ([SOLD_OUT], [], None, {"saw-sold-out": 1, "served": 1, "submits": 0}),
        ([OPEN], [SOLD_OUT], "sold-out", {"saw-sold-out": 1, "served": 1}),
        ([WAITING, WAITING, SOLD_OUT], [], None, {"saw-waiting": 2, "wants": 1, "attempts": 3, "errors": 0}),
        ([1.0, SOLD_OUT], [], None, {"aborts": 1, "wants": 1, "attempts": 2}),
        ([FOREIGN, SOLD_OUT], [], None, {"errors": 1, "error-http-503": 1, "people-with-errors": 1, "wants": 1}),
        ([HTTPParseError("x"), SOLD_OUT], [], None, {"errors": 1, "error-broken-answer": 1}),
        ([ConnectionRefusedError(), SOLD_OUT], [], None, {"errors": 1, "error-refused": 1}),
        ([Page("open"), SOLD_OUT], [], None, {"errors": 1, "error-open-page": 1, "saw-open": 0}),
        ([OPEN], [1.0, CONFIRMED], "confirmed", {"submits": 1, "aborts": 1, "saw-confirmed": 1}),
        ([OPEN], [WAITING, CONFIRMED], "confirmed", {"submits": 1, "saw-waiting": 1, "errors": 0}),
        ([OPEN], [FOREIGN, CONFIRMED], "confirmed", {"submits": 1, "errors": 1}),
        ([OPEN], [Page("confirmed"), CONFIRMED], "confirmed", {"errors": 1, "error-confirmed-page": 1}),
        ([OPEN], [Page("invalid")], "invalid", {"errors": 1, "error-invalid-page": 1, "served": 0}),
        ([OPEN], [CLOSED, CONFIRMED], "confirmed", {"submits": 2, "saw-open": 2}),
        ([1.0], [], None, {"unanswered": 1, "served": 0, "wants": 1}),
        ([FOREIGN], [], None, {"unanswered": 1, "served": 0, "wants": 1}),
        ([OPEN], [1.0], "unanswered", {"unanswered": 1, "submits": 1, "served": 0}),
    ],
)
def test_what_a_person_lives_through(
    pages: Sequence[object], claims: Sequence[object], outcome: str | None, counted: dict[str, int]
) -> None:
    person, recorder = live(Script(pages, claims))
    assert (person.claim.outcome if person.claim else None) == outcome
    assert {name: recorder.totals[name] for name in counted} == counted
    assert recorder.totals["wait"] == recorder.totals["wants"]
    assert recorder.totals["claim"] == recorder.totals["submits"]
    assert recorder.totals["arrived"] == recorder.totals["left"] == 1


def test_a_wait_counts_across_aborts_from_the_wish_on() -> None:
    _, recorder = live(Script([1.0, SOLD_OUT]))
    wait = recorder.take().phases["opening"].durations["wait"]
    assert wait.count == 1
    assert wait.largest >= 0.15


def test_a_wait_without_an_answer_counts_as_long_as_it_lasted() -> None:
    _, recorder = live(Script([1.0]))
    wait = recorder.take().phases["opening"].durations["wait"]
    assert wait.largest >= 0.6


@pytest.mark.parametrize(
    ("habits", "sent", "counted"),
    [
        (replace(HABITS, submit_again=1.0), 2, {"submits": 2, "repeated-submits": 0}),
        (
            replace(HABITS, submit_twice=1.0, double_submit_after=0.05),
            2,
            {"submits": 1, "repeated-submits": 1, "aborts": 0},
        ),
        (HABITS, 1, {"submits": 1, "repeated-submits": 0}),
    ],
)
def test_a_person_may_submit_more_than_once(habits: Behaviour, sent: int, counted: dict[str, int]) -> None:
    script = Script([OPEN], [0.12, CONFIRMED] if habits.submit_twice else [CONFIRMED])
    person, recorder = live(script, habits)
    assert person.claim is not None
    assert (person.claim.sends, person.claim.codes) == (sent, ["ABCD"])
    assert len(set(script.submitted)) == 1
    assert {name: recorder.totals[name] for name in counted} == counted


def test_a_different_code_is_noticed() -> None:
    script = Script([OPEN], [CONFIRMED, Page("confirmed", code="WXYZ")])
    person, _ = live(script, replace(HABITS, submit_again=1.0))
    assert person.claim is not None
    assert person.claim.codes == ["ABCD", "WXYZ"]


def test_some_give_up_after_a_failed_attempt() -> None:
    _, recorder = live(Script([FOREIGN]), replace(HABITS, give_up=1.0))
    assert (recorder.totals["gave-up"], recorder.totals["attempts"]) == (1, 1)


def test_who_is_still_in_the_form_when_the_crowd_leaves_asks_for_nothing() -> None:
    person, recorder = live(Script([OPEN]), replace(HABITS, form=always(30.0)))
    assert person.claim is None
    assert recorder.totals["left-in-form"] == 1


def test_regulars_look_in_before_and_after() -> None:
    _, recorder = live(Script([SOLD_OUT]), regulars=8)
    measured = recorder.take()
    assert measured.phases["warm-up"].counts["wants"] >= 1
    assert measured.phases["recovery"].counts["wants"] >= 1


def first_moves(seed: int, number: int) -> list[float]:
    crowd = Crowd("u", Phases(1, 1, 1, 1, 1), people_file.load(), seed, 0, "storm.example.org")
    clock: Callable[[], float] = lambda: 0.0  # noqa: E731
    person = Person(number, crowd, clock, Script([CLOSED]), Recorder())
    return [person._arrival(), person._next_reload(), person._next_reload()]


def test_a_person_follows_from_seed_and_number() -> None:
    assert first_moves(1, 7) == first_moves(1, 7)
    assert first_moves(1, 7) != first_moves(2, 7)
    assert first_moves(1, 7) != first_moves(1, 8)


def test_the_form_is_scaled_to_the_storm() -> None:
    habits = people_file.load()
    assert habits.with_form_median(6.0).form.mixture[0].median == pytest.approx(6.0)
    assert habits.with_form_median(6.0).form.floor == pytest.approx(habits.form.floor / 10)
    assert habits.with_form_median(6.0).patience == habits.patience


@pytest.mark.parametrize(("people", "expected"), [(10, 5), (300, 30), (3, 3), (5000, 500)])
def test_the_regulars_are_a_small_share(people: int, expected: int) -> None:
    assert behaviour.regulars(people, people_file.load()) == expected
