"""The proof of ``make prove-gate`` in small: on recorded storms, and on few enough simulated ones to be quick."""

from __future__ import annotations

import pytest

from loadtest.gate.verdict import Answer
from loadtest.history import summaries
from tests.loadtest import night_after_night
from tests.loadtest.replays import RECORDED, Case, alarms, cases, figures_of, recorded, rules, simulated


@pytest.mark.parametrize(
    "case", [case for case in cases(1000) if "recorded" in case.title], ids=lambda case: case.title
)
def test_recorded_storms(case: Case) -> None:
    outcome = alarms(case.replays(case.number), rules())
    assert case.holds(outcome), f"{outcome.alarms} alarms in {outcome.replays} replays, asked: {case.demand}"


@pytest.mark.parametrize(
    ("slower", "alarmed"),
    [
        pytest.param(None, 0, id="of the usual site"),
        pytest.param("slower-1.2", 100, id="of a site 1.2 times slower"),
        pytest.param("slower-1.5", 100, id="of a site 1.5 times slower"),
    ],
)
def test_recorded_storms_are_judged_as_they_were(slower: str | None, alarmed: int) -> None:
    """Whatever becomes of the record and its rules: each draw of them has the verdict that it had."""
    kept = summaries.read(str(RECORDED / (slower or "usual")))
    assert {run.verdict for run in kept} == {Answer.PASS}
    assert not summaries.comparable(kept, kept[0].fingerprint).left_out
    assert alarms(recorded(100, slower=slower), rules()).alarms == alarmed


def test_a_simulation_in_small() -> None:
    assert alarms(simulated(300, spread=0.10, seed=2), rules()).alarms == 0
    assert alarms(simulated(100, spread=0.10, slower=1.5), rules()).share >= 0.95
    assert alarms(simulated(100, spread=0.05, slower=1.2), rules()).share >= 0.9


def test_a_gate_without_its_floor_would_cry_wolf_when_candidates_share_their_luck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proof can fail: the rank test alone takes three runs of one lucky hour for three witnesses."""
    monkeypatch.setattr("tests.loadtest.replays.REACH", 0.0)
    monkeypatch.setattr("tests.loadtest.replays.REACH_CONFIRMED", 0.0)
    assert alarms(simulated(300, spread=0.20, shared=True), rules()).share > 0.01


@pytest.mark.parametrize(
    ("case", "histories"),
    [
        pytest.param(case, 30 if case.level is night_after_night.steady else 10, id=case.title)
        for case in night_after_night.cases()
        if case.demand != "-" and case.spread in (0.005, 0.01)
    ],
)
def test_nights_that_stay_as_they_are_fail_never_and_slower_ones_soon(
    case: night_after_night.Case, histories: int
) -> None:
    outcomes = case.outcomes(histories, rules())
    assert case.holds(outcomes), night_after_night.line(case, outcomes)


def test_the_recorded_storms_are_comparable_and_of_different_crowds() -> None:
    (ours, *_) = nights = summaries.read(str(RECORDED / "usual"))
    assert summaries.comparable(nights, ours.fingerprint).left_out == {}
    assert len({run["opening wait p95"] for run in figures_of("usual")}) > 10
    replays = list(recorded(2))
    assert replays[0] != replays[1]
