from __future__ import annotations

import math
from pathlib import Path

import pytest

from loadtest.gate import limits
from loadtest.record.exit_codes import BadInput
from loadtest.record.phases import SCOPES
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS

SOUND = '[sound]\nstorm = ["cpu < 90 %"]\n[enough]\nstorm = ["wants >= 1"]\n'


def one(expression: str, scope: str = "opening") -> limits.Limit:
    (limit,) = limits.parse(f'[limits]\n{scope} = ["{expression}"]\n{SOUND}', "limits.toml").site
    return limit


def test_the_limits_that_come_with_it_are_valid_and_cover_every_phase() -> None:
    demanded = limits.load(DEFAULT_LIMITS)
    assert {limit.scope for limit in demanded.site} == set(SCOPES)
    assert {limit.figure.name for limit in demanded.sound} >= {
        "lag p99",
        "read-lag p99",
        "cpu",
        "clocks",
        "silence",
        "arrived",
    }
    assert {limit.scope for limit in demanded.enough} == set(SCOPES)


@pytest.mark.parametrize(
    ("expression", "scope", "bound"),
    [
        ("wait p95 < 3 s", "opening", 3.0),
        ("wait p99 <= 250 ms", "opening", 0.25),
        ("claim max<1min", "open", 60.0),
        ("page mean < 0.5 s", "recovery", 0.5),
        ("errors < 1 %", "before", 0.01),
        ("wants >= 20", "warm-up", 20.0),
        ("served >= 98 %", "storm", 0.98),
        ("worst 10 s of wait p95 < 3 s", "opening", 3.0),
        ("worst 5 s of errors < 5 %", "storm", 0.05),
        ("time until (wait p95 < 1 s) <= 10 s", "recovery", 10.0),
    ],
)
def test_an_expression_becomes_a_bound_in_base_units(expression: str, scope: str, bound: float) -> None:
    limit = one(expression, scope)
    assert limit.scope == scope
    assert limit.bound == pytest.approx(bound)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[limits]\nopening = ["wiat p95 < 3 s"]', "limits.toml:2: [limits] opening: unknown metric"),
        ('[limits]\nopening = ["wait p96 < 3 s"]', "unknown statistic"),
        ('[limits]\nopening = ["wait < 3 s"]', "expected a statistic"),
        ('[limits]\nopening = ["wait p95 3 s"]', "expected one of < <= > >="),
        ('[limits]\nopening = ["wait p95 < s"]', "expected a number"),
        ('[limits]\nopening = ["wait p95 <"]', "a number is missing here"),
        ('[limits]\nopening = ["wait p95 < 3"]', "the unit is missing: ms, s, min"),
        ('[limits]\nopening = ["wait p95 < 3 %"]', "unknown unit for wait p95; allowed: ms, s, min"),
        ('[limits]\nopening = ["wait p95 < 3 h"]', "unknown unit for wait"),
        ('[limits]\nopening = ["errors < 1 s"]', "unknown unit for errors; allowed: %"),
        ('[limits]\nopening = ["wants >= 5 s"]', "unknown unit for wants; allowed: none"),
        ('[limits]\nopening = ["errors < 1 % or so"]', "nothing may follow the limit"),
        ('[limits]\nopening = ["wait p95 = 3 s"]', "neither a name, an operator, a number nor a unit"),
        ('[limits]\nopening = ["served >= 98 %"]', "exists for the whole storm only"),
        ('[limits]\nopening = ["wants >= 2.5"]', "a count is a whole number"),
        ('[limits]\nopening = ["worst 10 of wait p95 < 3 s"]', "expected `s`"),
        ('[limits]\nopening = ["worst 10 s wait p95 < 3 s"]', "expected `of`"),
        ('[limits]\nopening = ["worst 0 s of wait p95 < 3 s"]', "a window lasts from 1 to 3600 whole seconds"),
        ('[limits]\nopening = ["worst 2.5 s of wait p95 < 3 s"]', "a window lasts from 1 to 3600 whole seconds"),
        ('[limits]\nopening = ["worst 5 s of people > 3"]', "people are counted once per phase"),
        ('[limits]\nstorm = ["worst 5 s of served > 3 %"]', "exists for the whole storm only, and not by the second"),
        ('[limits]\nopening = ["worst 5 s of worst 5 s of wait p95 < 3 s"]', "unknown metric"),
        ('[limits]\nrecovery = ["time until wait p95 < 1 s <= 10 s"]', "expected an opening bracket"),
        ('[limits]\nrecovery = ["time until (wait p95 < 1 s <= 10 s"]', "expected a closing bracket"),
        ('[limits]\nrecovery = ["time until )wait p95 < 1 s( <= 10 s"]', "expected a condition in brackets"),
        ('[limits]\nrecovery = ["time until (wait p95 < 1 %) <= 10 s"]', "unknown unit for wait p95"),
        ('[limits]\nrecovery = ["time until (wait p95 < 1 s) <= 10 %"]', "unknown unit for time until"),
        ('[limits]\nrecovery = ["time until (wait p95 < 1 s)"]', "one of < <= > >= is missing here"),
        (
            '[limits]\noppening = ["wait p95 < 3 s"]',
            "limits.toml:2: [limits] oppening: unknown phase; the phases are warm-up, before, opening",
        ),
        ('[limits]\nopening = "wait p95 < 3 s"', "expected a list of limits"),
        (
            '[limit]\nopening = ["wait p95 < 3 s"]',
            "limits.toml:1: [limit]: unknown; known are limits, sound, enough, regression",
        ),
        ("[limits]", "[limits]: missing or empty"),
        ("[limits]\nopening = []", "[limits]: missing or empty"),
        ("[limits", "limits.toml is not TOML"),
    ],
)
def test_a_slip_is_one_message_that_points_at_its_place(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        limits.parse(f"{text}\n{SOUND}", "limits.toml")
    assert message in str(caught.value)


def test_the_place_is_underlined() -> None:
    with pytest.raises(BadInput) as caught:
        one("wait p95 < 3 parsecs")
    *_, expression, marks = str(caught.value).splitlines()
    assert expression[marks.index("^") : marks.rindex("^") + 1] == "parsecs"


@pytest.mark.parametrize("section", ["limits", "sound", "enough"])
def test_no_section_may_be_left_out(section: str) -> None:
    text = DEFAULT_LIMITS.read_text().replace(f"[{section}]", "[elsewhere]")
    with pytest.raises(BadInput, match="elsewhere"):
        limits.parse(text, "limits.toml")


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.toml cannot be read"):
        limits.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("expression", "scope", "holds", "margin"),
    [
        ("wait p95 < 200 ms", "opening", True, 0.5),
        ("wait p95 < 100 ms", "opening", False, 0.0),
        ("wait p95 < 50 ms", "opening", False, -1.0),
        ("wait max <= 100 ms", "opening", True, 0.0),
        ("wants >= 60", "opening", True, 0.0),
        ("wants > 60", "opening", False, 0.0),
        ("wants >= 40", "opening", True, 0.5),
        ("wants >= 300", "storm", True, 0.0),
        ("served >= 98 %", "storm", True, 0.0204),
        ("demand >= 120 %", "storm", True, 0.0),
        ("opened-after <= 1 s", "storm", True, 0.0),
        ("closed-until <= 1 s", "storm", True, 1.0),
        ("asset p95 < 1 s", "opening", None, None),
    ],
)
def test_a_limit_is_compared_with_what_was_measured(
    record: Record, expression: str, scope: str, holds: bool | None, margin: float | None
) -> None:
    finding = one(expression, scope).check(record)
    assert finding.holds is holds
    assert finding.margin == (None if margin is None else pytest.approx(margin, abs=0.01))


def test_a_person_counts_once_in_the_storm_however_many_phases_they_are_in(record: Record) -> None:
    """One of 40 people, all of whom are there in each of five phases, gives up; two see errors, one of them twice."""
    record.measurements.phase("open").counts["gave-up"] = 1
    record.measurements.phase("opening").counts.update({"people-with-errors": 2, "people-with-errors-in-all": 2})
    record.measurements.phase("open").counts["people-with-errors"] = 1
    for metric, share in (("gave-up", 1 / 40), ("people-with-errors", 2 / 40)):
        assert one(f"{metric} < 2 %", "storm").check(record).measured == pytest.approx(share)
    assert one("people >= 40", "storm").check(record).measured == 40


def test_the_cpu_is_the_worst_five_seconds_of_the_busiest_worker(record: Record) -> None:
    record.workers[0].cpu = [0.1] * 20 + [1.0] * 5 + [0.1] * 20
    assert one("cpu < 90 %", "storm").check(record).holds is False
    record.workers[0].cpu = [0.1] * 20 + [1.0] * 2 + [0.1] * 20
    assert one("cpu < 90 %", "storm").check(record).holds is True


def waits(record: Record, by_second: dict[int, list[float]]) -> None:
    """Replace the seconds of a record by these, with the waits in seconds that ended in each."""
    record.measurements.seconds.clear()
    for second, values in by_second.items():
        for value in values:
            record.measurements.second(second).duration("wait").add(value)


def test_a_window_sees_what_a_whole_phase_hides(record: Record) -> None:
    """10 seconds of opening: one bad second, and 100 % errors in the last one, are little of the phase as a whole."""
    waits(record, {**{second: [0.1] * 20 for second in range(10)}, 4: [3.0] * 4})
    assert one("worst 10 s of wait p90 < 1 s").check(record).holds is True
    finding = one("worst 2 s of wait p90 < 1 s").check(record)
    assert finding.holds is False
    assert finding.sentence == "opening: worst 2 s of wait p90 is 2.99 s, the limit is < 1 s"
    for second in range(10):
        record.measurements.second(second).counts["attempts"] = 20
    record.measurements.second(9).counts["errors"] = 20
    assert one("errors < 1 %").check(record).holds is True
    assert one("worst 1 s of errors < 1 %").check(record).measured == 1.0


@pytest.mark.parametrize(
    ("by_second", "expression", "measured"),
    [
        # Seconds of other phases are not looked at, nor are windows that stretch into them.
        pytest.param(
            {-1: [9.0], 0: [1.0], 9: [2.0], 10: [9.0]}, "worst 2 s of wait max < 5 s", 2.0, id="neighbours left out"
        ),
        # Too little is worse where the limit asks for much.
        pytest.param({0: [5.0], 4: [1.0], 8: [2.0]}, "worst 2 s of wait max > 5 s", 1.0, id="lowest window"),
        # A phase that is shorter than the window is one window.
        pytest.param({0: [1.0], 9: [3.0]}, "worst 60 s of wait mean < 5 s", 2.0, id="window wider than the phase"),
        # What nobody measured is no window.
        pytest.param({-1: [9.0], 10: [9.0]}, "worst 2 s of wait max < 5 s", None, id="nothing in the phase"),
    ],
)
def test_windows_stay_within_their_phase(
    record: Record, by_second: dict[int, list[float]], expression: str, measured: float | None
) -> None:
    waits(record, by_second)
    found = one(expression).check(record).measured
    assert found == (None if measured is None else pytest.approx(measured, rel=0.01))


@pytest.mark.parametrize(
    ("by_second", "measured"),
    [
        pytest.param({20: [0.1], 25: [0.1], 29: [0.1]}, 0.0, id="well at once"),
        pytest.param({20: [5.0], 21: [5.0], 22: [0.1], 29: [0.1]}, 2.0, id="well after two seconds"),
        pytest.param({20: [5.0], 22: [0.1], 24: [5.0], 29: [0.1]}, 5.0, id="a relapse"),  # well only when it stays well
        pytest.param({20: [0.1], 29: [5.0]}, math.inf, id="a relapse at the end"),
        # The last people give up just after the end.
        pytest.param({20: [0.1], 30: [9.0]}, math.inf, id="a relapse after the end"),
        pytest.param({10: [0.1]}, None, id="not measured"),
    ],
)
def test_recovery_lasts_until_all_is_well_for_good(
    record: Record, by_second: dict[int, list[float]], measured: float | None
) -> None:
    waits(record, by_second)
    finding = one("time until (wait p95 < 1 s) <= 4 s", "recovery").check(record)
    assert finding.measured == measured
    assert finding.holds is (None if measured is None else measured <= 4)


def test_what_never_came_is_said_so(record: Record) -> None:
    waits(record, {29: [9.0]})
    finding = one("time until (wait p95 < 1 s) <= 10 s", "recovery").check(record)
    assert finding.sentence == "recovery: time until (wait p95 < 1 s) is never, the limit is <= 10 s"
    assert finding.margin is None
