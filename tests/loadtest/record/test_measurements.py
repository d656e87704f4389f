"""What is measured second by second, in many processes, is what is measured as a whole."""

from __future__ import annotations

import json
import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.crowd.person import TICK
from loadtest.record.codec import decode, encode
from loadtest.record.measurements import Measurements, Recorder, Tally, totals
from loadtest.record.phases import NAMES

Happening = tuple[str, str, float, float]
WAITS = st.integers(0, int(600 / TICK)).map(lambda ticks: ticks * TICK)
HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(["wait", "claim"]), st.sampled_from(NAMES), st.floats(-3, 3), WAITS), max_size=60
)


def recorded(happenings: list[Happening]) -> Recorder:
    recorder = Recorder()
    for name, phase, moment, seconds in happenings:
        recorder.duration(name, phase, moment, seconds)
        recorder.count(f"{name}s", phase, moment)
    return recorder


def shown(measurements: Measurements) -> str:
    """Return it as it travels; equal texts are equal to the last bit."""
    return json.dumps(encode(measurements))


@given(HAPPENINGS)
def test_the_seconds_together_are_the_phases_together(happenings: list[Happening]) -> None:
    measured = recorded(happenings).take()
    seconds = Tally()
    for second in measured.seconds.values():
        seconds.merge(second)
    assert seconds == measured.whole()


@given(HAPPENINGS, st.sampled_from([50, 95, 99]))
def test_each_seconds_percentile_is_within_one_percent(happenings: list[Happening], percent: float) -> None:
    for number, tally in recorded(happenings).take().seconds.items():
        for name, histogram in tally.durations.items():
            there = sorted(s for n, _, moment, s in happenings if n == name and math.floor(moment) == number)
            true = there[max(1, math.ceil(len(there) * percent / 100)) - 1]
            found = histogram.percentile(percent)
            assert found is not None
            assert abs(found - true) <= max(0.01 * true, 1.01e-6)  # a microsecond and less share one bucket


@settings(max_examples=50)
@given(st.lists(HAPPENINGS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_reports_of_many_workers_add_up_in_any_order(shares: list[list[Happening]], order: random.Random) -> None:
    one = recorded([happening for share in shares for happening in share])
    recorders = [recorded(share) for share in shares]
    reports = [recorder.take() for recorder in recorders]
    order.shuffle(reports)
    merged = Measurements()
    for report in reports:
        merged.merge(decode(Measurements, json.loads(shown(report))))
    whole = one.take()
    assert shown(merged) == shown(whole)
    assert sum((recorder.totals for recorder in recorders[1:]), recorders[0].totals) == totals(whole)
