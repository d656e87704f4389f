"""What the browsers of a storm saw, as report and summary tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from loadtest.record.counters import (
    CAME,
    CLAIM,
    CLOSED_VIEWS,
    COUNTDOWNS,
    DRAWN,
    FAILURES,
    FORM_READY,
    LAG,
    LAYOUT_SHIFT,
    LOST_ANSWERS,
    RESEND_MISSING,
    SCRIPT_ERRORS,
    SERVED,
    VIEWS,
)
from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Tally
from loadtest.record.phases import NAMES
from loadtest.record.real_browsers import Browsers, Picture
from loadtest.record.units import Kind, show

PHASES: Final = ("phase", "pages drawn", "drawn, p95", "form ready, p95", "layout shift, max", "failures")


@dataclass(frozen=True)
class InBrowsers:
    """A sentence that says who they were; their figures, a row for each phase, what went wrong first, pictures."""

    who: str
    figures: list[tuple[str, str]]
    phases: list[list[str]]
    examples: list[ErrorExample]
    pictures: list[Picture]


def told(browsers: Browsers) -> InBrowsers:
    """Return what a report tells of them; where there were none, only why."""
    if not browsers.planned:
        why = f"No browser took part: {browsers.absent}. Limits on browsers decided nothing."
        return InBrowsers(why, [], [], [], [])
    many = "1 browser" if browsers.planned == 1 else f"{browsers.planned} browsers"
    who = (
        f"{many} beside the crowd ({browsers.program or 'not started'}): a person each who waits for the form, sends it"
    )
    who += ", loses the answer and sends it again"
    who += f"; they did not come to their end: {browsers.fault}." if browsers.fault else "."
    rows = [_phase(name, browsers.measurements.phases[name]) for name in NAMES if name in browsers.measurements.phases]
    return InBrowsers(who, list(_figures(browsers)), rows, browsers.examples, browsers.pictures)


def brief(browsers: Browsers) -> str:
    """Return the few words of a summary."""
    if not browsers.planned:
        return f"no browser took part ({browsers.absent})"
    whole = browsers.measurements.whole()
    return (
        f"in {browsers.planned} browsers form ready p95 {_show(whole, FORM_READY, 95)}, "
        f"layout shift {_show(whole, LAYOUT_SHIFT, 100, Kind.SCORE)}, "
        f"{whole.counts[SCRIPT_ERRORS]} script errors, {whole.counts[FAILURES]} failures"
    )


def _figures(browsers: Browsers) -> Iterable[tuple[str, str]]:
    whole = browsers.measurements.whole()
    counts = whole.counts
    yield "form ready, p95", _show(whole, FORM_READY, 95)
    yield "claim, p95", _show(whole, CLAIM, 95)
    yield "layout shift, max", _show(whole, LAYOUT_SHIFT, 100, Kind.SCORE)
    yield "script errors", str(counts[SCRIPT_ERRORS])
    yield "countdown was there", f"{counts[COUNTDOWNS]} of {counts[CLOSED_VIEWS]}"
    yield "resend notice was there", f"{counts[LOST_ANSWERS] - counts[RESEND_MISSING]} of {counts[LOST_ANSWERS]}"
    yield "learnt their answer", f"{counts[SERVED]} of {counts[CAME]}"
    yield "told late, max", _show(whole, LAG, 100)


def _phase(name: str, tally: Tally) -> list[str]:
    return [
        name,
        str(tally.counts[VIEWS]),
        _show(tally, DRAWN, 95),
        _show(tally, FORM_READY, 95),
        _show(tally, LAYOUT_SHIFT, 100, Kind.SCORE),
        str(tally.counts[FAILURES]),
    ]


def _show(tally: Tally, name: str, percent: float, kind: Kind = Kind.DURATION) -> str:
    value = tally.durations[name].percentile(percent) if name in tally.durations else None
    return "-" if value is None else show(value, kind)
