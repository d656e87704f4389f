"""What a limit may speak of: named metrics of a record, with their kind and therefore their units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from loadtest.record.counters import (
    ABORTS,
    ARRIVED,
    ATTEMPTS,
    BROWSER_COUNTS,
    BROWSER_DURATIONS,
    BROWSER_SCORES,
    CAME,
    CLOSED_VIEWS,
    COUNTDOWNS,
    COUNTS,
    DURATIONS,
    ERRORS,
    FAILURES,
    GAVE_UP,
    LEFT_IN_FORM,
    LOST_ANSWERS,
    PEOPLE,
    PEOPLE_IN_ALL,
    PEOPLE_WITH_ERRORS,
    PEOPLE_WITH_ERRORS_IN_ALL,
    REQUESTS,
    RESEND_MISSING,
    SCRIPT_ERRORS,
    SERVED,
    STAYED_AWAY,
    SUBMITS,
    UNANSWERED,
    VIEWS,
    WANTS,
    saw,
)
from loadtest.record.histogram import Histogram
from loadtest.record.measurements import Measurements, Tally
from loadtest.record.page_states import CLOSED, OPEN, WAITING
from loadtest.record.record import Record
from loadtest.record.units import Kind

# Reports (about seconds) over which a worker's CPU share is averaged before the worst one is taken.
CPU_WINDOW: Final = 5


STATISTICS: Final[Mapping[str, Callable[[Histogram], float | None]]] = {
    "p50": lambda h: h.percentile(50),
    "p90": lambda h: h.percentile(90),
    "p95": lambda h: h.percentile(95),
    "p99": lambda h: h.percentile(99),
    "max": lambda h: h.percentile(100),
    "mean": lambda h: h.mean,
}


@dataclass(frozen=True)
class Metric:
    """A metric of a phase, of a window of seconds, or of the storm as a whole.

    ``of_counts`` takes it from counts, ``of_histogram`` names a distribution (and then a statistic is needed),
    ``of_record`` takes it from the record: such a metric exists for the whole storm only. A metric that counts people
    counts each once, so that no window of seconds has it, and the whole storm is not the sum of its phases:
    ``of_storm`` takes it from the storm's counts. ``only_grows`` says that it cannot fall while a storm goes on.
    ``of_browsers``: it speaks of the people who are real browsers, and its name begins with that word.
    """

    name: str
    kind: Kind
    meaning: str
    of_counts: Callable[[Counter[str]], float | None] | None = None
    of_histogram: str | None = None
    of_record: Callable[[Record], float | None] | None = None
    of_storm: Callable[[Counter[str]], float | None] | None = None
    only_grows: bool = False
    of_browsers: bool = False

    @property
    def per_person(self) -> bool:
        """Whether it counts people."""
        return self.of_storm is not None

    def measurements(self, record: Record) -> Measurements:
        """Return the part of a record that it is taken from."""
        return record.browsers.measurements if self.of_browsers else record.measurements

    def of(self, tallies: Iterable[Tally], statistic: str | None) -> float | None:
        """Return the metric of some tallies together, in its base unit; None when they hold nothing to take it from."""
        if self.of_histogram is not None:
            merged = Histogram()
            for tally in tallies:
                if self.of_histogram in tally.durations:
                    merged.merge(tally.durations[self.of_histogram])
            return STATISTICS[statistic or ""](merged)
        counts: Counter[str] = Counter()
        for tally in tallies:
            counts.update(tally.counts)
        return self.of_counts(counts) if self.of_counts else None


def _share(part: str, *whole: str) -> Callable[[Counter[str]], float | None]:
    def value(counts: Counter[str]) -> float | None:
        # In a window of seconds, an end may be counted without its beginning.
        total = max(counts[part], sum(counts[name] for name in whole))
        return counts[part] / total if total else None

    return value


def _share_of_all(part: str) -> Callable[[Counter[str]], float | None]:
    def value(counts: Counter[str]) -> float | None:
        everybody = counts[PEOPLE_IN_ALL]
        return counts[part] / everybody if everybody else None

    return value


def _arrived(record: Record) -> float | None:
    return record.measurements.whole().counts[CAME] / record.parameters.people


def _served(record: Record) -> float | None:
    counts = record.measurements.whole().counts
    hoped = counts[CAME] - counts[LEFT_IN_FORM] - counts[STAYED_AWAY]
    return counts[SERVED] / hoped if hoped > 0 else None


def _demand(record: Record) -> float | None:
    sent = sum(claim.sends > 0 for claim in record.claims)
    return sent / min(record.parameters.seats, record.parameters.people)


def _cpu(record: Record) -> float | None:
    windows = [
        sum(worker.cpu[start : start + CPU_WINDOW]) / len(worker.cpu[start : start + CPU_WINDOW])
        for worker in record.workers
        for start in range(max(1, len(worker.cpu) - CPU_WINDOW + 1))
        if worker.cpu
    ]
    return max(windows, default=None)


def _clocks(record: Record) -> float | None:
    return max(
        (abs(worker.clock_apart) + worker.clock_error for worker in record.workers if worker.reports), default=None
    )


def _silence(record: Record) -> float | None:
    return max((worker.silence for worker in record.workers if worker.reports), default=None)


def _opened_after(record: Record) -> float | None:
    seconds = [number for number, tally in record.measurements.seconds.items() if tally.counts[saw(OPEN)]]
    if seconds:
        return float(max(0, min(seconds)) + 1)
    # Nobody has seen it yet: it is at least the time that has gone by.
    since = record.phases.start + record.seconds_run
    return since if since > 0 else None


def _closed_until(record: Record) -> float:
    seconds = [number for number, tally in record.measurements.seconds.items() if tally.counts[saw(CLOSED)]]
    return float(max(0, max(seconds, default=-1) + 1))


def _count(name: str, of_storm: Callable[[Counter[str]], float | None] | None = None) -> Metric:
    """Return what is counted, as it is."""
    return Metric(name, Kind.COUNT, COUNTS[name], lambda counts: counts[name], of_storm=of_storm, only_grows=True)


# The word that the names of all metrics of browsers begin with.
BROWSER: Final = "browser"


def _of_browsers() -> Iterator[Metric]:
    for kind, meanings in ((Kind.DURATION, BROWSER_DURATIONS), (Kind.SCORE, BROWSER_SCORES)):
        for name, meaning in meanings.items():
            yield Metric(f"{BROWSER} {name}", kind, meaning, of_histogram=name, of_browsers=True)
    for name in (VIEWS, FAILURES, SCRIPT_ERRORS, LOST_ANSWERS, RESEND_MISSING):
        count = partial(_of_name, name)
        yield Metric(f"{BROWSER} {name}", Kind.COUNT, BROWSER_COUNTS[name], count, only_grows=True, of_browsers=True)
    for name, meaning, share in (
        ("countdown", "of the pages of a course that was not open yet counted down", _share(COUNTDOWNS, CLOSED_VIEWS)),
        (SERVED, "of the browsers learnt whether there is a seat for them", _share(SERVED, CAME)),
    ):
        yield Metric(f"{BROWSER} {name}", Kind.SHARE, meaning, share, of_browsers=True)


def _of_name(name: str, counts: Counter[str]) -> float:
    return counts[name]


METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        *(Metric(name, Kind.DURATION, DURATIONS[name], of_histogram=name) for name in DURATIONS),
        Metric(ERRORS, Kind.SHARE, "of the attempts ended in an error", _share(ERRORS, ATTEMPTS)),
        Metric(ABORTS, Kind.SHARE, "of the attempts were aborted by patience", _share(ABORTS, ATTEMPTS)),
        Metric(WAITING, Kind.SHARE, "of the attempts got the waiting page", _share(saw(WAITING), ATTEMPTS)),
        Metric(
            PEOPLE_WITH_ERRORS,
            Kind.SHARE,
            "of the people saw an error",
            _share(PEOPLE_WITH_ERRORS, PEOPLE),
            of_storm=_share_of_all(PEOPLE_WITH_ERRORS_IN_ALL),
        ),
        Metric(GAVE_UP, Kind.SHARE, "of the people gave up", _share(GAVE_UP, PEOPLE), of_storm=_share_of_all(GAVE_UP)),
        Metric(UNANSWERED, Kind.SHARE, "of what people wanted never came", _share(UNANSWERED, WANTS, SUBMITS)),
        _count(PEOPLE, of_storm=lambda counts: counts[PEOPLE_IN_ALL]),
        *(_count(name) for name in (WANTS, SUBMITS, REQUESTS)),
        Metric(ARRIVED, Kind.SHARE, "of the planned people came", of_record=_arrived),
        Metric(SERVED, Kind.SHARE, "of the people who asked learnt whether they have a seat", of_record=_served),
        Metric("demand", Kind.SHARE, "people who submitted, of the seats there were to win", of_record=_demand),
        Metric(
            "opened-after",
            Kind.DURATION,
            "until somebody saw the form (whole seconds)",
            of_record=_opened_after,
            only_grows=True,
        ),
        Metric(
            "closed-until",
            Kind.DURATION,
            "from the opening until nobody saw any more that the course is closed (whole seconds)",
            of_record=_closed_until,
            only_grows=True,
        ),
        Metric("cpu", Kind.SHARE, "of a core that the busiest worker used for 5 s", of_record=_cpu),
        Metric("silence", Kind.DURATION, "the longest time without a word from a worker", of_record=_silence),
        Metric("clocks", Kind.DURATION, "between the clocks of the workers and the parent, at most", of_record=_clocks),
        *_of_browsers(),
    )
}
