"""The live line: where the storm is, and how the people fare right now."""

from __future__ import annotations

from loadtest.record.counters import ABORTS, ARRIVED, ERRORS, LEFT, REQUESTS, WAIT, saw
from loadtest.record.measurements import Tally
from loadtest.record.page_states import CONFIRMED
from loadtest.record.phases import Phases
from loadtest.record.record import Record
from loadtest.record.units import Kind, show

# Whole seconds that the figures of "now" are taken from; the current one is still incomplete.
WINDOW = 2


def present(record: Record, moment: float) -> int:
    """Return how many people are there at a moment (seconds from the opening)."""
    tallies = [tally for number, tally in record.measurements.seconds.items() if number <= moment]
    return sum(tally.counts[ARRIVED] - tally.counts[LEFT] for tally in tallies)


def line(record: Record, phases: Phases, moment: float) -> str:
    """Write one line for a terminal or a build log."""
    if moment < phases.start:
        return f"{moment:+7.1f} s  {record.parameters.people} people are ready, the opening is in {-moment:.0f} s"
    now = Tally()
    last = int(moment // 1) - 1
    for number in range(last - WINDOW, last):
        if number in record.measurements.seconds:
            now.merge(record.measurements.seconds[number])
    whole = record.measurements.whole().counts
    wait = now.duration(WAIT).percentile(95)
    return (
        f"{moment:+7.1f} s  {phases.at(moment):<8}  {present(record, moment):>6} people  "
        f"{now.counts[REQUESTS] / WINDOW:>7.0f} answers/s  "
        f"wait p95 {show(wait, Kind.DURATION) if wait is not None else '-':>7}  "
        f"confirmed {whole[saw(CONFIRMED)]:>5}  errors {whole[ERRORS]:>4}  aborts {whole[ABORTS]:>4}"
    )
