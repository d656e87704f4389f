"""What is counted while people rush: per phase and per second, in pieces that add up across processes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetPydanticSchema, NonNegativeInt
from pydantic_core import core_schema

from loadtest.record.codec import whole
from loadtest.record.counters import in_all
from loadtest.record.dictionaries import IN_ORDER, WholeNumber, in_order
from loadtest.record.error_example import ErrorExample
from loadtest.record.histogram import Histogram
from loadtest.record.phases import NAMES, PhaseName


def _counter(_type: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    # pydantic's own reading of a Counter takes numbers below 0.
    return core_schema.no_info_after_validator_function(Counter, handler(dict[str, NonNegativeInt]))


@whole
@dataclass
class Tally:
    """Counts by name, and durations in seconds by name, of one phase or one second.

    The names, and what each means, are in ``loadtest.record.counters``.
    """

    counts: Annotated[Counter[str], GetPydanticSchema(_counter), IN_ORDER] = field(default_factory=Counter)
    durations: Annotated[dict[str, Histogram], IN_ORDER] = field(default_factory=dict)

    def duration(self, name: str) -> Histogram:
        """Return the histogram of a name, made when it is first asked for."""
        return self.durations.setdefault(name, Histogram())

    def merge(self, other: Tally) -> None:
        """Add everything the other one has counted."""
        self.counts.update(other.counts)
        for name, histogram in other.durations.items():
            self.duration(name).merge(histogram)


@whole
@dataclass
class Measurements:
    """One tally per phase, and one per second; seconds are counted from the opening and may be negative."""

    phases: Annotated[dict[PhaseName, Tally], in_order(NAMES.index)] = field(default_factory=dict)
    seconds: Annotated[dict[WholeNumber, Tally], IN_ORDER] = field(default_factory=dict)

    def phase(self, name: str) -> Tally:
        """Return the tally of a phase, made when it is first asked for."""
        return self.phases.setdefault(name, Tally())

    def second(self, number: int) -> Tally:
        """Return the tally of a second, made when it is first asked for."""
        return self.seconds.setdefault(number, Tally())

    def merge(self, other: Measurements) -> None:
        """Add everything the other one has counted."""
        for name, tally in other.phases.items():
            self.phase(name).merge(tally)
        for number, tally in other.seconds.items():
            self.second(number).merge(tally)

    def whole(self) -> Tally:
        """Return all phases in one."""
        tally = Tally()
        for phase in self.phases.values():
            tally.merge(phase)
        return tally


class Recorder:
    """The measuring side of one process: people report to it, and it hands out what came since it was last asked.

    It counts by phase and second at once, and sorts that out when it is asked: people report thousands of times a
    second, and are asked once.
    """

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._durations: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
        self._people: set[tuple[str, str, int]] = set()
        self._new_people: Counter[tuple[str, str]] = Counter()
        self._taken: Counter[str] = Counter()
        self._examples: dict[str, ErrorExample] = {}
        self._new_examples: list[ErrorExample] = []

    def count(self, name: str, phase: str, moment: float) -> None:
        """Count something that happened at a moment (seconds from the opening) and belongs to a phase."""
        self._counts[name, phase, floor(moment)] += 1

    def person(self, name: str, phase: str, person: int) -> None:
        """Count a person once per phase and name, and once in the whole storm as ``in_all(name)``.

        It does not matter how often it is reported.
        """
        if (name, phase, person) in self._people:
            return
        self._people.add((name, phase, person))
        self._new_people[name, phase] += 1
        if (name, "", person) not in self._people:
            self._people.add((name, "", person))
            self._new_people[in_all(name), phase] += 1

    def duration(self, name: str, phase: str, moment: float, seconds: float) -> None:
        """Record a duration that began in a phase; the timeline shows it at ``moment``."""
        self._durations[name, phase, floor(moment)].append(seconds)

    def example(self, kind: str, make: Callable[[], ErrorExample]) -> None:
        """Keep the first error of a kind; it is made only then."""
        if kind not in self._examples:
            self._examples[kind] = example = make()
            self._new_examples.append(example)

    def take_examples(self) -> list[ErrorExample]:
        """Take the examples that came since the last call."""
        news, self._new_examples = self._new_examples, []
        return news

    def take(self) -> Measurements:
        """Take what came since the last call."""
        self._taken = self.totals
        news = Measurements()
        for (name, phase, second), number in self._counts.items():
            news.phase(phase).counts[name] += number
            news.second(second).counts[name] += number
        for (name, phase), number in self._new_people.items():
            news.phase(phase).counts[name] += number
        for (name, phase, second), durations in self._durations.items():
            histogram = Histogram()
            histogram.add_all(durations)
            news.phase(phase).duration(name).merge(histogram)
            news.second(second).duration(name).merge(histogram)
        self._counts.clear()
        self._new_people.clear()
        self._durations.clear()
        return news

    @property
    def totals(self) -> Counter[str]:
        """What was counted in all, by name: also what has been handed out."""
        sums = Counter(self._taken)
        for (name, _, _), number in self._counts.items():
            sums[name] += number
        for (name, _), number in self._new_people.items():
            sums[name] += number
        for (name, _, _), durations in self._durations.items():
            sums[name] += len(durations)
        return sums


def totals(measurements: Measurements) -> Mapping[str, int]:
    """Return the sums over all phases by name: what every recorder's own totals must add up to."""
    whole = measurements.whole()
    sums = Counter(whole.counts)
    for name, histogram in whole.durations.items():
        sums[name] += histogram.count
    return sums
