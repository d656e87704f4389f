"""The report's timeline as it grows: what is drawn of each second, and a file of it for whoever reads along."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.record.counters import ABORTS, ARRIVED, ERRORS, GAVE_UP, LEFT, WAIT, saw
from loadtest.record.measurements import Tally
from loadtest.record.page_states import CLOSED, CONFIRMED, ENDED, OPEN, SOLD_OUT, WAITING
from loadtest.record.record import Record

# What is drawn, and the unit of its values where they are no counts; a second's values stand in this order.
PLOTS: Final[Sequence[Mapping[str, Any]]] = (
    {"title": "People", "lines": ["people"], "unit": ""},
    {"title": "Waits", "lines": ["p50", "p95", "p99"], "unit": "s"},
    {
        "title": "What people saw",
        "lines": ["closed", "form", "confirmed", "sold out", "ended", "waiting page", "error"],
        "unit": "",
    },
    {"title": "Trouble", "lines": ["aborts", "errors", "gave up"], "unit": ""},
)
ABOUT: Final = "Seconds from the opening; the newest ones are not complete yet."
_STATES: Final = (CLOSED, OPEN, CONFIRMED, SOLD_OUT, ENDED, WAITING)
_PERCENTILES: Final = (50, 95, 99)
# Whole seconds before a moment that may still change after it: workers report once a second, and the master shows them
# every two.
UNSETTLED: Final = 5

log = logging.getLogger(__name__)


class TimelineFile:
    """Writes what is new of a storm, as lines of JSON, and says once where: in a build's log, for whoever reads it.

    The first line of each storm tells of it and of its plots, each other one of seconds, of which the latest word
    counts. A file that cannot be written is given up, and the storm goes on.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._record: Record | None = None
        self._moment: float | None = None
        self._written: dict[int, Mapping[str, Any]] = {}
        self._given_up = False

    def look(self, record: Record, moment: float) -> None:
        """Write what has changed of a storm as it is at a moment, in seconds from the opening."""
        lines: list[Mapping[str, Any]] = []
        first = self._record is None
        if record is not self._record:
            self._record, self._moment, self._written = record, None, {}
            lines.append({"timeline": f"Storm on {record.host}", "about": ABOUT, **axis(record), "plots": PLOTS})
        news = [each for each in seconds(record, self._moment) if self._written.get(each["at"]) != each]
        self._moment = moment
        self._written |= {each["at"]: each for each in news}
        if news:
            lines.append({"seconds": news})
        self._write(lines)
        if first and not self._given_up:
            print(f"timeline: {self._path.resolve()}", flush=True)

    def finish(self) -> None:
        """Write what was reported after the last look."""
        if self._record is not None:
            self.look(self._record, self._record.phases.start + self._record.seconds_run)

    def _write(self, lines: Sequence[Mapping[str, Any]]) -> None:
        if self._given_up or not lines:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        except OSError as error:
            self._given_up = True
            log.warning("the timeline is written no further: %s: %s", self._path, error.strerror)


def axis(record: Record) -> dict[str, Any]:
    """Return what a timeline is drawn along: from and to when, and the start of each phase, in seconds."""
    phases = record.phases
    return {"from": phases.start, "to": phases.end, "phases": [list(each) for each in phases.starts().items()]}


def seconds(record: Record, known: float | None) -> Sequence[dict[str, Any]]:
    """Return the values of each second that may have changed since a moment; of all seconds, where there is none.

    A second to come may have values already: of who is known to leave then.
    """
    measured = record.measurements.seconds
    if not measured:
        return []
    present, values = 0, []
    for number in range(min(measured), max(measured) + 1):
        tally = measured.get(number, Tally())
        present += tally.counts[ARRIVED] - tally.counts[LEFT]
        if known is None or number > known - UNSETTLED:
            values.append({"at": number, "values": _values(present, tally)})
    return values


def _values(present: int, tally: Tally) -> list[list[float | None]]:
    waits = tally.durations.get(WAIT)
    percentiles = [waits.percentile(percent) if waits else None for percent in _PERCENTILES]
    return [
        [present],
        [None if value is None else round(value, 4) for value in percentiles],
        [*(tally.counts[saw(state)] for state in _STATES), tally.counts[ERRORS]],
        [tally.counts[ABORTS], tally.counts[ERRORS], tally.counts[GAVE_UP]],
    ]
