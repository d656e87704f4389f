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
        self._reports = self._lost = 0

    def look(self, record: Record, _moment: float) -> None:
        """Tell of a storm that goes on, now and then, beside it: one report at a time."""
        now = time.monotonic()
        if now - self._latest >= TELLS_EVERY and (self._telling is None or self._telling.dead):
            self._latest = now
            self._telling = gevent.spawn(self._tell, record)

    def finish(self, runs: Sequence[tuple[Record, str, Sequence[str]]]) -> str:
        """Tell of storms that are over, with their verdicts and reasons; return a sentence on what became of it all."""
        if self._telling is not None and not self._telling.ready():
            self._telling.join(timeout=2 * WITHIN)
            if not self._telling.ready():
                log.warning("telemetry: a report was given up, which had no answer yet")
                self._telling.kill(block=False)
                self._lost += 1
        # Who takes nothing is not waited for once more; many a collector takes spans alone, or metrics.
        takes_metrics = takes_spans = True
        for record, answer, reasons in runs:
            takes_metrics = self._tell(record, tries=takes_metrics)
            takes_spans = self._tell_spans(record, answer, reasons, tries=takes_spans)
        if self._metrics:
            self._metrics.shutdown()
        if self._spans:
            self._spans.shutdown()  # type: ignore[no-untyped-call] # OpenTelemetry does not annotate it
        if self._lost:
            return f"telemetry: {self._lost} of {self._reports} reports were not delivered; see storm.log"
        return f"telemetry: {self._reports} reports sent"

    def _tell(self, record: Record, *, tries: bool = True) -> bool:
        exporter = self._metrics
        if exporter is None:
            return False

        def send() -> bool:
            return exporter.export(translation.metrics(record, time.time_ns())) is MetricExportResult.SUCCESS

        return self._counted(send, tries=tries)

    def _tell_spans(self, record: Record, answer: str, reasons: Sequence[str], *, tries: bool) -> bool:
        exporter = self._spans
        if exporter is None:
            return False

        def send() -> bool:
            return exporter.export(translation.spans(record, answer, reasons)) is SpanExportResult.SUCCESS

        return self._counted(send, tries=tries)

    def _counted(self, send: Callable[[], bool], *, tries: bool) -> bool:
        """Send, and count it, also what is not even tried; what goes wrong is logged, and nothing of it the storm's."""
        self._reports += 1
        success = False
        if tries:
            try:
                success = send()
            except Exception:
                log.exception("telemetry failed")
        self._lost += not success
        return success
