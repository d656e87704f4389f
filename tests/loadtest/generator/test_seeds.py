"""The same seed gives the same people, on one worker or many; by clocks and sites that repeat themselves exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import accumulate, pairwise

import pytest

from loadtest.crowd import profiles
from loadtest.record.codec import decode, encode
from loadtest.record.measurements import Measurements, Recorder, totals
from loadtest.record.record import Claim
from tests.loadtest.timeline import Sent, live

PEOPLE = 60
HABITS = replace(profiles.load().with_form_median(15), submit_twice=0.9, submit_again=0.3)


def storm(shares: list[int], seed: int = 1) -> tuple[Measurements, list[Claim], list[Sent], list[Recorder]]:
    """Run a storm whose people are shared out among so many workers.

    What these report every now and then is merged.
    """
    merged, claims, acts, recorders = Measurements(), [], [], []
    for first, beyond in pairwise([0, *accumulate(shares)]):
        recorder = Recorder()
        for part in (range(first, (first + beyond) // 2), range((first + beyond) // 2, beyond)):
            lived, sent = live(part, recorder, habits=HABITS, seed=seed, regulars=6, sold_out_at=40, failing=0.03)
            merged.merge(decode(Measurements, encode(recorder.take())))
            claims += [person.claim for person in lived if person.claim]
            acts += sent
        recorders.append(recorder)
    return merged, claims, acts, recorders


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param([30, 30], id="two equal workers"),
        pytest.param([7, 50, 3], id="three unequal workers"),
        pytest.param([20, 20, 20], id="three equal workers"),
        pytest.param([1] * PEOPLE, id="a worker for each person"),
    ],
)
def test_many_workers_measure_exactly_what_one_does(shares: list[int]) -> None:
    """Not about: each count, each bucket, each second, each sum, to the last bit."""
    one, one_claims, one_acts, _ = storm([PEOPLE])
    many, many_claims, many_acts, recorders = storm(shares)
    assert json.dumps(encode(many)) == json.dumps(encode(one))
    assert many_claims == one_claims
    assert many_acts == one_acts
    assert sum((recorder.totals for recorder in recorders[1:]), recorders[0].totals) == totals(one)


def test_that_storm_has_everything_that_people_do() -> None:
    whole = storm([PEOPLE])[0].whole()
    for name in ("came", "wants", "aborts", "errors", "submits", "repeated-submits", "saw-again", "saw-sold-out"):
        assert whole.counts[name] > 0, name
    assert whole.counts["came"] == PEOPLE


def test_another_seed_gives_other_people() -> None:
    first, _, acts, _ = storm([PEOPLE])
    second, _, other_acts, _ = storm([PEOPLE], seed=2)
    assert first != second
    assert {act.start for act in acts}.isdisjoint(act.start for act in other_acts)


def test_a_person_does_not_depend_on_who_else_there_is() -> None:
    alone, among = live([42], Recorder())[1], live(range(30, 50), Recorder())[1]
    assert alone == [act for act in among if act.person == 42]
