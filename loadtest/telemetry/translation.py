"""A record as OpenTelemetry has it: its counts and durations as metrics, the storm and its phases as spans."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Histogram as HistogramOfPoints
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context

from loadtest.record.counters import (
    ABORTS,
    ARRIVED,
    BROWSER_COUNTS,
    BROWSER_DURATIONS,
    BROWSER_SCORES,
    COUNTS,
    DURATIONS,
    ERRORS,
    LEFT,
    PEOPLE,
    REQUESTS,
    WAIT,
    kind_of_error,
    saw,
)
from loadtest.record.histogram import Histogram
from loadtest.record.measurements import Measurements
from loadtest.record.page_states import STATES
from loadtest.record.record import Record

# What all names begin with.
PREFIX: Final = "floodgate.storm"
SCOPE: Final = InstrumentationScope("loadtest")
# Seconds at which a histogram is cut: those that OpenTelemetry advises for the durations of requests, and longer ones.
BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0)
PERCENTILES: Final = (50, 95, 99)
NANOSECONDS: Final = 1_000_000_000

Attributes = Mapping[str, str | int | float | bool]


def resource(record: Record) -> Resource:
    """Return who tells: a service of a name, and what it storms; OTEL_SERVICE_NAME and such lay over it."""
    own = Resource.create(
        {
            "service.name": "floodgate-storm",
            "floodgate.host": record.host,
            "floodgate.commit": record.commit,
            **{f"floodgate.environment.{name}": value for name, value in record.environment.items()},
        }
    )
    # To OpenTelemetry the code goes before the variables; here the team's word counts.
    return own.merge(OTELResourceDetector().detect())


def metrics(record: Record, now: int) -> MetricsData:
    """Return all that a storm has counted and timed up to now (epoch nanoseconds), since it began."""
    began = _began(record)
    found = [
        *_histograms(record.measurements, DURATIONS, "", began, now),
        *_sums(record.measurements, COUNTS, "", began, now),
        *_by_kind(record.measurements, began, now),
        _present(record, now),
        *_histograms(record.browsers.measurements, {**BROWSER_DURATIONS, **BROWSER_SCORES}, "browser.", began, now),
        *_sums(record.browsers.measurements, BROWSER_COUNTS, "browser.", began, now),
    ]
    scope = ScopeMetrics(SCOPE, found, "")
    return MetricsData([ResourceMetrics(resource(record), [scope], "")])


def spans(record: Record, answer: str, reasons: Sequence[str]) -> Sequence[ReadableSpan]:
    """Return the storm as a span, and below it each phase that it came to; errors and what was stopped are events."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource(record), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    _storm(provider.get_tracer(SCOPE.name), record, answer, reasons)
    provider.shutdown()
    return kept.get_finished_spans()


# Metrics


def _name(part: str) -> str:
    return f"{PREFIX}.{part.replace('-', '_')}"


def _histograms(
    measured: Measurements, meanings: Mapping[str, str], part: str, began: int, now: int
) -> Iterator[Metric]:
    for name, meaning in meanings.items():
        points = [
            _point(tally.durations[name], {"phase": phase}, began, now)
            for phase, tally in measured.phases.items()
            if name in tally.durations and tally.durations[name].count
        ]
        unit = "1" if name in BROWSER_SCORES else "s"
        if points:
            data = HistogramOfPoints(points, AggregationTemporality.CUMULATIVE)
            yield Metric(_name(f"{part}{name}"), meaning, unit, data)


def _point(histogram: Histogram, attributes: Attributes, began: int, now: int) -> HistogramDataPoint:
    """Return a histogram with the usual bounds: a bucket of ours that lies across one is counted by its middle."""
    counts = [0] * (len(BOUNDS) + 1)
    for value, count in histogram.values():
        counts[next((place for place, bound in enumerate(BOUNDS) if value <= bound), len(BOUNDS))] += count
    return HistogramDataPoint(
        attributes=attributes,
        start_time_unix_nano=began,
        time_unix_nano=now,
        count=histogram.count,
        sum=histogram.total,
        bucket_counts=counts,
        explicit_bounds=BOUNDS,
        min=histogram.smallest or 0.0,
        max=histogram.largest,
    )


def _sums(measured: Measurements, meanings: Mapping[str, str], part: str, began: int, now: int) -> Iterator[Metric]:
    for name, meaning in meanings.items():
        points = [
            NumberDataPoint({"phase": phase}, began, now, tally.counts[name])
            for phase, tally in measured.phases.items()
            if name in tally.counts
        ]
        if points:
            yield _sum(f"{part}{name}", meaning, points)


def _by_kind(measured: Measurements, began: int, now: int) -> Iterator[Metric]:
    """Yield errors by their kind, and pages by what they said."""
    errors, pages = [], []
    for phase, tally in measured.phases.items():
        for name, number in tally.counts.items():
            if kind := kind_of_error(name):
                errors.append(NumberDataPoint({"phase": phase, "error.type": kind}, began, now, number))
        for state in STATES:
            if number := tally.counts[saw(state)]:
                pages.append(NumberDataPoint({"phase": phase, "state": state}, began, now, number))
    if errors:
        yield _sum("errors-by-kind", "errors by their kind", errors)
    if pages:
        yield _sum("pages", "pages that were seen, by what they said", pages)


def _sum(name: str, meaning: str, points: Sequence[NumberDataPoint]) -> Metric:
    return Metric(_name(name), meaning, "1", Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True))


def _present(record: Record, now: int) -> Metric:
    counts = record.measurements.whole().counts
    points = [NumberDataPoint({}, 0, now, counts[ARRIVED] - counts[LEFT])]
    return Metric(_name("present"), "people who are there", "1", Gauge(points))


# Spans


def _began(record: Record) -> int:
    """Return when the storm's command had its record, in epoch nanoseconds."""
    return int(datetime.fromisoformat(record.started_at).timestamp() * NANOSECONDS)


def _storm(tracer: Tracer, record: Record, answer: str, reasons: Sequence[str]) -> None:
    began = _began(record)
    parameters = record.parameters
    storm = tracer.start_span(
        "storm",
        start_time=began,
        attributes={
            "floodgate.people": parameters.people,
            "floodgate.seats": parameters.seats,
            "floodgate.seed": parameters.seed,
            "floodgate.verdict": answer,
            "floodgate.reasons": list(reasons),
        },
    )
    storm.set_status(Status(StatusCode.OK if answer == "PASS" else StatusCode.ERROR, "; ".join(reasons)[:500] or None))
    end = began
    if record.course is not None and record.seconds_run:
        opening = (record.course.opens_at - record.course.clock_offset) * NANOSECONDS
        end = max(began, int(opening + (record.phases.start + record.seconds_run) * NANOSECONDS))
        storm.add_event("opening", timestamp=int(opening))
        if record.killed:
            storm.add_event("task stopped", {"task": record.killed.task}, int(opening + record.killed.at * NANOSECONDS))
        for name, start, stop in _phases(record):
            span = tracer.start_span(
                name,
                context=set_span_in_context(storm),
                start_time=int(opening + start * NANOSECONDS),
                attributes=dict(_of_phase(record, name)),
            )
            _errors(span, record, name, opening)
            span.end(int(opening + stop * NANOSECONDS))
    storm.end(end)


def _phases(record: Record) -> Iterable[tuple[str, float, float]]:
    """Yield the phases that the storm came to: name, start and end in seconds from the opening."""
    until = record.phases.start + record.seconds_run
    lengths = record.phases.lengths()
    for name, start in record.phases.starts().items():
        if start < until:
            yield name, start, min(start + lengths[name], until)


def _of_phase(record: Record, name: str) -> Iterator[tuple[str, float]]:
    tally = record.measurements.phases.get(name)
    if tally is None:
        return
    for counter in (PEOPLE, REQUESTS, ABORTS, ERRORS):
        yield f"floodgate.{counter}", tally.counts[counter]
    for percent in PERCENTILES:
        value = tally.durations[WAIT].percentile(percent) if WAIT in tally.durations else None
        if value is not None and math.isfinite(value):
            yield f"floodgate.wait.p{percent}", value


def _errors(span: Span, record: Record, name: str, opening: float) -> None:
    """Add the first error of each kind to the phase that it was met in."""
    for example in record.examples:
        if record.phases.at(example.at) == name:
            attributes = {"error.type": example.kind, "url.full": example.url, "floodgate.what": example.what}
            if example.status is not None:
                attributes["http.response.status_code"] = str(example.status)
            span.add_event("error", attributes, int(opening + example.at * NANOSECONDS))
