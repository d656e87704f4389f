"""The worst ten seconds of a storm: when they were, and what went on in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from loadtest.gate.figures import Whole, Worst
from loadtest.gate.metrics import METRICS
from loadtest.record.counters import ABORTS, ERRORS, LAG, READ_LAG, REQUESTS, WAIT, saw
from loadtest.record.measurements import Tally
from loadtest.record.page_states import CLOSED, CONFIRMED, ENDED, OPEN, SOLD_OUT, WAITING
from loadtest.record.phases import STORM
from loadtest.record.record import Record
from loadtest.record.units import Kind, show

LENGTH: Final = 10
SEEN: Final = (CLOSED, OPEN, CONFIRMED, SOLD_OUT, ENDED, WAITING)


@dataclass(frozen=True)
class Worsts:
    """A sentence that says when, and what was measured then."""

    when: str
    figures: list[tuple[str, str]]


def seconds(record: Record) -> Worsts | None:
    """Return the ten seconds with the highest p95 of waits, by the second in which these ended.

    None if nobody waited.
    """
    found = Worst(LENGTH, Whole(METRICS[WAIT], "p95")).window(record, STORM, high_is_worse=True)
    if found is None:
        return None
    inside = Tally()
    for number in range(found.start, found.start + LENGTH):
        if number in record.measurements.seconds:
            inside.merge(record.measurements.seconds[number])
    phases = record.phases
    spanned = list(dict.fromkeys(phases.at(found.start + second) for second in range(LENGTH)))
    counts, waits = inside.counts, inside.duration(WAIT)
    return Worsts(
        f"From {found.start:+d} s to {found.start + LENGTH:+d} s of the opening, in the phase {' and '.join(spanned)}.",
        [
            *((f"wait p{percent}", _show(waits.percentile(percent))) for percent in (50, 95, 99)),
            ("wait max", _show(waits.percentile(100))),
            ("requests", str(counts[REQUESTS])),
            *((f"saw {state}", str(counts[saw(state)])) for state in SEEN if counts[saw(state)]),
            ("errors", str(counts[ERRORS])),
            ("aborts", str(counts[ABORTS])),
            ("the generator's lag, p99", _show(inside.duration(LAG).percentile(99))),
            ("its read-lag, p99", _show(inside.duration(READ_LAG).percentile(99))),
        ],
    )


def _show(value: float | None) -> str:
    return "-" if value is None else show(value, Kind.DURATION)
