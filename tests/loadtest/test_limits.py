from __future__ import annotations

from pathlib import Path

import pytest

from loadtest import limits
from loadtest.exits import BadInput
from loadtest.options import DEFAULT_LIMITS
from loadtest.record import Record

SOUND = '[sound]\nstorm = ["cpu < 90 %"]\n[enough]\nstorm = ["wants >= 1"]\n'


def one(expression: str, scope: str = "opening") -> limits.Limit:
    (limit,) = limits.parse(f'[limits]\n{scope} = ["{expression}"]\n{SOUND}', "limits.toml").site
    return limit


def test_the_limits_that_come_with_it_are_valid_and_cover_every_phase() -> None:
    demanded = limits.load(DEFAULT_LIMITS)
    assert {limit.scope for limit in demanded.site} == set(limits.SCOPES)
    assert {limit.metric.name for limit in demanded.sound} >= {"lag", "cpu", "clocks", "arrived"}
    assert {limit.scope for limit in demanded.enough} == set(limits.SCOPES)


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
        ('[limits]\nopening = ["wait p95 < 3 %"]', "unknown unit for wait; allowed: ms, s, min"),
        ('[limits]\nopening = ["wait p95 < 3 h"]', "unknown unit for wait"),
        ('[limits]\nopening = ["errors < 1 s"]', "unknown unit for errors; allowed: %"),
        ('[limits]\nopening = ["wants >= 5 s"]', "unknown unit for wants; allowed: none"),
        ('[limits]\nopening = ["errors < 1 % or so"]', "nothing may follow the unit"),
        ('[limits]\nopening = ["wait p95 = 3 s"]', "neither a name, an operator, a number nor a unit"),
        ('[limits]\nopening = ["served >= 98 %"]', "exists for the whole storm only"),
        ('[limits]\noppening = ["wait p95 < 3 s"]', "unknown phase; the phases are warm-up, before, opening"),
        ('[limits]\nopening = "wait p95 < 3 s"', "expected a list of limits"),
        ('[limit]\nopening = ["wait p95 < 3 s"]', "unknown section [limit]"),
        ("[limits]", "[limits] is missing or empty"),
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
        ("asset p95 < 1 s", "opening", None, None),
    ],
)
def test_a_limit_is_compared_with_what_was_measured(
    record: Record, expression: str, scope: str, holds: bool | None, margin: float | None
) -> None:
    finding = one(expression, scope).check(record)
    assert finding.holds is holds
    assert finding.margin == (None if margin is None else pytest.approx(margin, abs=0.01))


def test_the_cpu_is_the_worst_five_seconds_of_the_busiest_worker(record: Record) -> None:
    record.workers[0].cpu = [0.1] * 20 + [1.0] * 5 + [0.1] * 20
    assert one("cpu < 90 %", "storm").check(record).holds is False
    record.workers[0].cpu = [0.1] * 20 + [1.0] * 2 + [0.1] * 20
    assert one("cpu < 90 %", "storm").check(record).holds is True
