#!/bin/sh
# OpenTelemetry's force_flush says whether it succeeded, and a short-lived program (a load test, a step of a build) asks it at its end. In
# Python it is True where nobody listens at the endpoint and nothing was delivered: it tells that nothing waits any more, not that it
# arrived. Metrics and spans alike; only the log has a line. Who has to know asks the exporter: its export returns SUCCESS or FAILURE.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    opentelemetry-exporter-otlp-proto-http==1.45.2 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON'
import sys
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

NOBODY = "http://127.0.0.1:9"
meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{NOBODY}/v1/metrics", timeout=1))])
meters.get_meter("storm").create_counter("requests").add(1)
metrics = meters.force_flush()
spans = OTLPSpanExporter(endpoint=f"{NOBODY}/v1/traces", timeout=1)
tracers = TracerProvider(shutdown_on_exit=False)
tracers.add_span_processor(BatchSpanProcessor(spans))
span = tracers.get_tracer("storm").start_span("storm")
span.end()
traces = tracers.force_flush()
export = spans.export([span])
tracers.shutdown()
meters.shutdown()
print(f"opentelemetry-sdk {version('opentelemetry-sdk')}, nobody listens:", end=" ")
print(f"force_flush of metrics {metrics}, of spans {traces}; export itself: {export.name}")
sys.exit((metrics, traces, export.name) != (True, True, "FAILURE"))
PYTHON
grep -c '^Failed to export' "$folder/log" | sed 's/$/ lines in the log/'
