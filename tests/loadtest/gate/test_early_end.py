from __future__ import annotations

import pytest

from loadtest.gate import limits
from loadtest.gate.early_end import Watch, decided
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS

SOUND = '[sound]\nstorm = ["cpu < 90 %"]\n[enough]\nstorm = ["wants >= 1"]\n'


def one(expression: str, scope: str) -> limits.Limit:
    (limit,) = limits.parse(f'[limits]\n{scope} = ["{expression}"]\n{SOUND}', "limits.toml").site
    return limit


def bad_opening(record: Record) -> None:
    """Make everything slow that ends in the second half of the opening (0 to 10 s)."""
    for second in range(5, 10):
        for _ in range(60):
            record.measurements.second(second).duration("wait").add(4.0)
            record.measurements.phase("opening").duration("wait").add(4.0)
    for second in range(10, 30):
        record.measurements.seconds.pop(second)


@pytest.mark.parametrize(
    ("expression", "scope", "moment", "broken"),
    [
        # A whole phase is decided when it is over and its last seconds were reported.
        ("wait p95 < 3 s", "opening", 9.0, False),
        ("wait p95 < 3 s", "opening", 11.0, False),
        ("wait p95 < 3 s", "opening", 12.0, True),
        ("wait p95 < 5 s", "opening", 12.0, False),
        # A maximum and a count can only grow.
        ("wait max < 3 s", "opening", 8.0, True),
        ("wants < 10", "opening", 1.0, True),
        ("wants >= 100", "opening", 8.0, False),
        ("wants >= 100", "opening", 12.0, True),
        # A window is decided when it is full, wherever it lies; another one cannot mend it.
        ("worst 2 s of wait p95 < 3 s", "opening", 7.9, False),
        ("worst 2 s of wait p95 < 3 s", "opening", 9.0, True),
        ("worst 2 s of wait p95 < 3 s", "storm", 9.0, True),
        ("worst 2 s of wait p95 > 1 s", "storm", -10.0, True),
        # A time counts as far as it has gone.
        ("time until (wait p95 < 1 s) <= 8 s", "opening", 8.0, True),
        ("time until (wait p95 < 1 s) <= 30 s", "opening", 12.0, False),
        # What only the end of the storm can tell.
        ("served >= 99 %", "storm", 12.0, False),
        ("unanswered < 1 %", "storm", 12.0, False),
    ],
)
def test_a_limit_is_broken_for_good_only_when_nothing_can_mend_it(
    record: Record, expression: str, scope: str, moment: float, broken: bool
) -> None:
    bad_opening(record)
    assert bool(decided([one(expression, scope)], record, moment)) is broken


def test_nobody_has_seen_the_form_yet(record: Record) -> None:
    for tally in record.measurements.seconds.values():
        tally.counts["saw-open"] = 0
    record.seconds_run = 24.0  # 4 s after the opening
    assert decided([one("opened-after <= 5 s", "storm")], record, 4.0) == []
    record.seconds_run = 27.0
    (found,) = decided([one("opened-after <= 5 s", "storm")], record, 7.0)
    assert found.measured == 7.0


@pytest.mark.parametrize(
    ("second", "until"),
    [pytest.param(-3, None, id="before"), pytest.param(4, None, id="soon"), pytest.param(5, 6.0, id="late")],
)
def test_somebody_sees_after_the_opening_that_the_course_is_closed(
    record: Record, second: int, until: float | None
) -> None:
    record.measurements.second(second).counts["saw-closed"] = 1
    found = decided([one("closed-until <= 5 s", "storm")], record, 7.0)
    assert [each.measured for each in found] == ([until] if until else [])


@pytest.mark.parametrize(
    ("delay", "cut_at"),
    [
        pytest.param(1.0, 9, id="short delay"),
        pytest.param(4.0, 12, id="long delay"),
        pytest.param(None, None, id="never"),
        pytest.param(18.0, None, id="delay to the end"),
    ],
)
def test_a_hopeless_storm_is_cut_after_a_delay_if_that_saves_anything(
    record: Record, delay: float | None, cut_at: int | None
) -> None:
    """The first window that breaks the limit ends at 6 s, and is known at 8 s; the storm would end at 30 s."""
    bad_opening(record)
    watch = Watch([one("worst 5 s of wait p50 < 3 s", "storm")], delay)
    cuts = {moment: watch.cut(record, float(moment)) for moment in range(-20, 30)}
    first = next((moment for moment, why in cuts.items() if why), None)
    assert first == cut_at
    if cut_at is not None:
        assert cuts[cut_at] == (
            f"the storm was cut {cut_at} s after the opening, {30 - cut_at} s before its end: "
            "storm: worst 5 s of wait p50 is 3.99 s, the limit is < 3 s, for good"
        )


def test_more_confirmations_than_seats_are_enough(record: Record) -> None:
    watch = Watch(limits.load(DEFAULT_LIMITS).site, 1.0)
    assert [watch.cut(record, moment) for moment in (5.0, 7.0)] == [None, None]
    record.claims[10].codes.append("ABCD-9999-EFGH")
    assert watch.cut(record, 9.0) is None
    why = watch.cut(record, 11.0)
    assert why is not None and "11 different confirmations were seen for 10 seats" in why
