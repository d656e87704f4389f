"""Telling as the storm goes on, and when its verdict is known; whoever collects it delays and decides nothing."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import Final

import gevent
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.trace.export import SpanExportResult

from loadtest.record.record import Record
from loadtest.telemetry import translation
from loadtest.telemetry.endpoint import SIGNALS, WITHIN, named, within

# Seconds between two reports of a storm.
TELLS_EVERY: Final = 5.0

log = logging.getLogger(__name__)


class Telemetry:
    """Tells the endpoints that OpenTelemetry's variables name: of metrics, of spans, or of both."""

    def __init__(self) -> None:
        metrics, spans = (named(os.environ, signal) for signal in SIGNALS)
        self._metrics = OTLPMetricExporter(timeout=within(os.environ, "METRICS")) if metrics else None
        self._spans = OTLPSpanExporter(timeout=within(os.environ, "TRACES")) if spans else None
        self._latest = -TELLS_EVERY
        self._telling: gevent.Greenlet[[Record], bool] | None = None
        self._sent = self._refused = 0

    def look(self, record: Record, _moment: float) -> None:
        """Tell of a storm that goes on, now and then, beside it: one report at a time."""
        now = time.monotonic()
        if now - self._latest >= TELLS_EVERY and (self._telling is None or self._telling.dead):
            self._latest = now
            self._telling = gevent.spawn(self._tell, record)

    def finish(self, runs: Sequence[tuple[Record, str, Sequence[str]]]) -> str:
        """Tell of storms that are over, with their verdicts and reasons; return a sentence on what became of it all."""
        if self._telling is not None:
            self._telling.join(timeout=2 * WITHIN)
        # Who takes nothing is not waited for once more; many a collector takes spans alone, or metrics.
        takes_metrics = takes_spans = True
        for record, answer, reasons in runs:
            takes_metrics = takes_metrics and self._tell(record)
            takes_spans = takes_spans and self._tell_spans(record, answer, reasons)
        if self._metrics:
            self._metrics.shutdown()
        if self._spans:
            self._spans.shutdown()  # type: ignore[no-untyped-call] # OpenTelemetry does not annotate it
        if self._refused:
            return f"telemetry: {self._refused} of {self._sent} reports were not taken; see storm.log"
        return f"telemetry: {self._sent} reports sent"

    def _tell(self, record: Record) -> bool:
        exporter = self._metrics
        if exporter is None:
            return False
        return self._counted(
            lambda: exporter.export(translation.metrics(record, time.time_ns())) is MetricExportResult.SUCCESS
        )

    def _tell_spans(self, record: Record, answer: str, reasons: Sequence[str]) -> bool:
        exporter = self._spans
        if exporter is None:
            return False
        return self._counted(
            lambda: exporter.export(translation.spans(record, answer, reasons)) is SpanExportResult.SUCCESS
        )

    def _counted(self, send: Callable[[], bool]) -> bool:
        """Send, and count it; whatever goes wrong is in the log, and nothing of it is the storm's."""
        self._sent += 1
        try:
            success = send()
        except Exception:
            log.exception("telemetry failed")
            success = False
        self._refused += not success
        return success
