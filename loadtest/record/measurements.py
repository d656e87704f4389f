"""What is counted while people rush: per phase and per second, in pieces that add up across processes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor

from loadtest.record.histogram import Histogram
from loadtest.record.phases import NAMES

FOREIGN = "foreign-page"
"""The kind of error that is a good answer with a page, though not one of the site's: something else answered."""
SHORTAGE = "shortage"
"""The kind of error that is the generator's own: it had no descriptor, port or memory for another connection."""


@dataclass
class Tally:
    """Counts by name, and durations in seconds by name, of one phase or one second.

    Durations: `wait` (from wanting a page to seeing it, across aborts, errors and waiting pages), `claim` (from
    pressing submit to the answer, likewise), `page`, `asset` and `claim-request` (single requests), `lag` (the
    generator's own: started minus intended). A wait or a claim counts where it began, also when it was never answered:
    then it lasted at least as long as recorded.

    Counts: `people` (different people who wanted something), `wants`, `attempts` (to load or to submit), `requests`,
    `aborts`, `errors` (answers that are none of the site's pages, or none at all) and `error-<kind>`,
    `people-with-errors`, `gave-up`, `unanswered`, `submits`, `repeated-submits`, and `saw-<state>` for each page that
    was seen, `saw-again` for each confirmation of a seat that the person had already; `arrived` and `left`, whose
    running sums tell how many people are there. Once per person in the whole storm: `people-in-all` and
    `people-with-errors-in-all` (in the phase that was the first), `came` (for a seat), `served` (learnt whether there
    is one), `left-in-form` (was still filling in the form when the crowd left), `stayed-away` (looked before the
    opening, and meant to look again after the crowd had left).
    """

    counts: Counter[str] = field(default_factory=Counter)
    durations: dict[str, Histogram] = field(default_factory=dict)

    def duration(self, name: str) -> Histogram:
        """The histogram of a name, made when it is first asked for."""
        return self.durations.setdefault(name, Histogram())

    def merge(self, other: Tally) -> None:
        """Add everything the other one has counted."""
        self.counts.update(other.counts)
        for name, histogram in other.durations.items():
            self.duration(name).merge(histogram)

    def encode(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "counts": dict(sorted(self.counts.items())),
            "durations": {name: histogram.encode() for name, histogram in sorted(self.durations.items())},
        }

    @classmethod
    def decode(cls, data: object) -> Tally:
        """The tally of a JSON form. Raises ValueError when it is not one."""
        match data:
            case {"counts": dict(counts), "durations": dict(durations)}:
                if not all(isinstance(number, int) and number >= 0 for number in counts.values()):
                    raise ValueError("a tally whose counts are not numbers")
                histograms = {str(name): Histogram.decode(value) for name, value in durations.items()}
                return cls(Counter({str(name): number for name, number in counts.items()}), histograms)
        raise ValueError("not a tally of counts and durations")


@dataclass
class Measurements:
    """One tally per phase, and one per second; seconds are counted from the opening and may be negative."""

    phases: dict[str, Tally] = field(default_factory=dict)
    seconds: dict[int, Tally] = field(default_factory=dict)

    def phase(self, name: str) -> Tally:
        """The tally of a phase, made when it is first asked for."""
        return self.phases.setdefault(name, Tally())

    def second(self, number: int) -> Tally:
        """The tally of a second, made when it is first asked for."""
        return self.seconds.setdefault(number, Tally())

    def merge(self, other: Measurements) -> None:
        """Add everything the other one has counted."""
        for name, tally in other.phases.items():
            self.phase(name).merge(tally)
        for number, tally in other.seconds.items():
            self.second(number).merge(tally)

    def whole(self) -> Tally:
        """All phases in one."""
        tally = Tally()
        for phase in self.phases.values():
            tally.merge(phase)
        return tally

    def encode(self) -> dict[str, object]:
        """The JSON form; phases and seconds in order."""
        return {
            "phases": {name: self.phases[name].encode() for name in NAMES if name in self.phases},
            "seconds": {str(number): self.seconds[number].encode() for number in sorted(self.seconds)},
        }

    @classmethod
    def decode(cls, data: object) -> Measurements:
        """The measurements of a JSON form. Raises ValueError when they are none."""
        match data:
            case {"phases": dict(phases), "seconds": dict(seconds)}:
                strange = set(phases) - set(NAMES)
                if strange:
                    raise ValueError(f"unknown phase {sorted(map(str, strange))[0]!r}")
                return cls(
                    {name: Tally.decode(tally) for name, tally in phases.items()},
                    {int(number): Tally.decode(tally) for number, tally in seconds.items()},
                )
        raise ValueError("not measurements of phases and seconds")


class Recorder:
    """The measuring side of one process: people report to it, and it hands out what came since it was last asked.

    It counts by phase and second at once, and sorts that out when it is asked: people report thousands of times a
    second, and are asked once.
    """

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._durations: defaultdict[tuple[str, str, int], Histogram] = defaultdict(Histogram)
        self._people: set[tuple[str, str, int]] = set()
        self._new_people: Counter[tuple[str, str]] = Counter()
        self._taken: Counter[str] = Counter()

    def count(self, name: str, phase: str, moment: float) -> None:
        """Count something that happened at a moment (seconds from the opening) and belongs to a phase."""
        self._counts[name, phase, floor(moment)] += 1

    def person(self, name: str, phase: str, person: int) -> None:
        """Count a person once per phase and name, and once in the whole storm as `<name>-in-all`, however often it is
        reported."""
        if (name, phase, person) in self._people:
            return
        self._people.add((name, phase, person))
        self._new_people[name, phase] += 1
        if (name, "", person) not in self._people:
            self._people.add((name, "", person))
            self._new_people[f"{name}-in-all", phase] += 1

    def duration(self, name: str, phase: str, moment: float, seconds: float) -> None:
        """Record a duration that began in a phase; the timeline shows it at `moment`."""
        self._durations[name, phase, floor(moment)].add(seconds)

    def take(self) -> Measurements:
        """What came since the last call."""
        self._taken = self.totals
        news = Measurements()
        for (name, phase, second), number in self._counts.items():
            news.phase(phase).counts[name] += number
            news.second(second).counts[name] += number
        for (name, phase), number in self._new_people.items():
            news.phase(phase).counts[name] += number
        for (name, phase, second), histogram in self._durations.items():
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
        for (name, _, _), histogram in self._durations.items():
            sums[name] += histogram.count
        return sums


def totals(measurements: Measurements) -> Mapping[str, int]:
    """The sums over all phases by name: what every recorder's own totals must add up to."""
    whole = measurements.whole()
    sums = Counter(whole.counts)
    for name, histogram in whole.durations.items():
        sums[name] += histogram.count
    return sums
