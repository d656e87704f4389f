#!/bin/sh
# Prometheus has no dots in names, so that http.status and http_status are one label. OpenTelemetry's specification joins the values of such ("200;201"); its exporter for
# Python keeps that of the last, without a word. A name that begins with a digit loses it: 2xx and 3xx are both _xx, and one of them is left.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus-client==0.26.0
"$folder/venv/bin/python" - <<'PYTHON'
import re
import sys

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

meter = MeterProvider([PrometheusMetricReader()]).get_meter("site")
meter.create_counter("by_name").add(1, {"http.status": "200", "http_status": "201"})
meter.create_counter("by_class").add(1, {"2xx": "served", "3xx": "moved"})
lines = [line for line in generate_latest().decode().splitlines() if line.startswith("by_")]
labels = {line.partition("{")[0]: re.findall(r'(\w+)="([^"]+)"', line)[0] for line in lines}
print("opentelemetry-exporter-prometheus 0.66b2:", labels)
sys.exit(labels != {"by_name_total": ("http_status", "201"), "by_class_total": ("_xx", "moved")})
PYTHON
