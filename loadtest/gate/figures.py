"""What a limit speaks of: a metric of a whole phase, its worst window of seconds, or the time until all is well.

Phases go by the wish: a wait belongs to the phase in which it began. Windows go by the clock: a wait belongs to the
second in which it ended, whatever phase it began in.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from loadtest.gate.metrics import Metric
from loadtest.record.measurements import Tally
from loadtest.record.phases import NAMES, STORM
from loadtest.record.record import Record
from loadtest.record.units import Kind

OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Figure(Protocol):
    """Anything that a record can be asked for, by phase or for the whole ``storm``."""

    @property
    def name(self) -> str:
        """As it is written in a limit."""

    @property
    def kind(self) -> Kind:
        """Which units it is written in."""

    @property
    def meaning(self) -> str:
        """In words."""

    @property
    def of_browsers(self) -> bool:
        """Whether it speaks of the people who are real browsers."""

    def measure(self, record: Record, scope: str, *, high_is_worse: bool) -> float | None:
        """Measure the figure in its base unit (seconds, a share, a count, a score).

        None when nothing was measured that it could be taken from; infinite for a moment that never came.
        """


@dataclass(frozen=True)
class Whole:
    """A metric of a whole phase: ``wait p95``."""

    metric: Metric
    statistic: str | None = None

    @property
    def name(self) -> str:
        """As it is written in a limit."""
        return " ".join(filter(None, (self.metric.name, self.statistic)))

    @property
    def kind(self) -> Kind:
        """Which units it is written in."""
        return self.metric.kind

    @property
    def meaning(self) -> str:
        """In words."""
        return self.metric.meaning

    @property
    def of_browsers(self) -> bool:
        """As its metric does."""
        return self.metric.of_browsers

    def measure(self, record: Record, scope: str, *, high_is_worse: bool = True) -> float | None:  # noqa: ARG002 - the protocol's
        """Measure the metric of everything that belongs to the phase."""
        if self.metric.of_record is not None:
            return self.metric.of_record(record)
        measured = self.metric.measurements(record)
        if self.metric.of_storm is not None and scope == STORM:
            return self.metric.of_storm(measured.whole().counts)
        phases = measured.phases
        tallies = phases.values() if scope == STORM else [phases[scope]] if scope in phases else []
        return self.metric.of(tallies, self.statistic) if tallies else None

    @property
    def only_grows(self) -> bool:
        """Whether it cannot fall again while a storm goes on."""
        return self.metric.only_grows or self.statistic == "max"

    def of(self, tallies: Iterable[Tally]) -> float | None:
        """Return the metric of some seconds."""
        return self.metric.of(tallies, self.statistic)


@dataclass(frozen=True)
class Window:
    """Consecutive seconds, the first one counted from the opening, and the figure in them."""

    start: int
    value: float


@dataclass(frozen=True)
class Worst:
    """The worst of all windows of so many consecutive seconds: ``worst 10 s of wait p95``.

    A phase that is shorter is one window; a window in which nothing was measured is none.
    """

    seconds: int
    figure: Whole

    @property
    def name(self) -> str:
        """As it is written in a limit."""
        return f"worst {self.seconds} s of {self.figure.name}"

    @property
    def kind(self) -> Kind:
        """That of its metric."""
        return self.figure.kind

    @property
    def meaning(self) -> str:
        """In words."""
        return f"{self.figure.meaning}, in the worst {self.seconds} seconds on end"

    @property
    def of_browsers(self) -> bool:
        """As its metric does."""
        return self.figure.of_browsers

    def measure(self, record: Record, scope: str, *, high_is_worse: bool) -> float | None:
        """Measure the figure of the worst window."""
        worst = self.window(record, scope, high_is_worse=high_is_worse)
        return None if worst is None else worst.value

    def window(self, record: Record, scope: str, *, high_is_worse: bool) -> Window | None:
        """Find the worst window, the earliest of equals; None if nothing was measured in any."""
        windows = list(self.windows(record, span(record, scope)))
        sign = 1 if high_is_worse else -1
        return max(windows, key=lambda each: sign * each.value, default=None)

    def windows(self, record: Record, span: range) -> Iterator[Window]:
        """Yield all windows within a span of seconds, in order."""
        seconds = self.figure.metric.measurements(record).seconds
        for start in range(span.start, max(span.start, span.stop - self.seconds) + 1):
            inside = range(start, min(start + self.seconds, span.stop))
            value = self.figure.of(seconds[number] for number in inside if number in seconds)
            if value is not None:
                yield Window(start, value)


@dataclass(frozen=True)
class Until:
    """How long after the start of a phase something holds, second by second, for the rest of it.

    ``time until (wait p95 < 1 s)``: in ``recovery`` that is how long after the load drops the site is well again.
    """

    figure: Whole
    operator: str
    bound: float
    text: str

    @property
    def name(self) -> str:
        """As it is written in a limit."""
        return f"time until ({self.text})"

    @property
    def kind(self) -> Kind:
        """Always a duration."""
        return Kind.DURATION

    @property
    def meaning(self) -> str:
        """In words."""
        return f"from the phase's start until {self.text} holds for the rest of it (whole seconds)"

    @property
    def of_browsers(self) -> bool:
        """As its condition does."""
        return self.figure.of_browsers

    def measure(self, record: Record, scope: str, *, high_is_worse: bool = True) -> float | None:  # noqa: ARG002 - the protocol's
        """Measure whole seconds; infinite if it does not hold in the last second that was measured."""
        least = self.at_least(record, scope)
        seconds = self._seconds(record, scope)
        return math.inf if least and not seconds[max(seconds)] else least

    def at_least(self, record: Record, scope: str) -> float | None:
        """Measure it as far as it is known while the phase goes on: to the end of the last second that breaks it."""
        seconds = self._seconds(record, scope)
        bad = [number for number, holds in seconds.items() if not holds]
        start = span(record, scope).start
        return float(max(bad) + 1 - start) if bad else 0.0 if seconds else None

    def _seconds(self, record: Record, scope: str) -> dict[int, bool]:
        """Return whether it holds, in each second that has something to tell it by."""
        measured = self.figure.metric.measurements(record).seconds
        values = {number: self.figure.of([measured[number]]) for number in span(record, scope) if number in measured}
        return {
            number: OPERATORS[self.operator](value, self.bound) for number, value in values.items() if value is not None
        }


def span(record: Record, scope: str) -> range:
    """Return the whole seconds of a phase, or of the whole ``storm``.

    What was measured earlier or later than the storm belongs to its first or last phase.
    """
    seconds = record.phases.seconds(scope)
    measured = record.measurements.seconds
    first = min(measured, default=seconds.start) if scope in (NAMES[0], STORM) else seconds.start
    last = max(measured, default=seconds.stop - 1) if scope in (NAMES[-1], STORM) else seconds.stop - 1
    return range(min(first, seconds.start), max(last + 1, seconds.stop))
