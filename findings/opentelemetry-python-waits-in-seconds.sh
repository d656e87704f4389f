#!/bin/sh
# OTEL_EXPORTER_OTLP_TIMEOUT is the same variable in every language of OpenTelemetry, whose specification has durations in milliseconds.
# The exporter for Python reads seconds: at 1000, JavaScript's gives a collector that does not answer up after one second, and Python's
# waits for a quarter of an hour. One environment for a team's services cannot serve both, and nothing is said.
# An exporter of each against a listener on loopback that never answers; Python's is stopped after five seconds.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
silent=''
trap 'kill $silent 2>/dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    opentelemetry-exporter-otlp-proto-http==1.45.2 opentelemetry-sdk==1.45.2
npm install --silent --no-audit --no-fund --prefix "$folder" @opentelemetry/exporter-trace-otlp-http@0.301.0 @opentelemetry/api@1.10.0
cat > "$folder/silent.py" <<'PYTHON'
import socket
import sys
from pathlib import Path

kept = []
with socket.create_server(("127.0.0.1", 0)) as server:
    Path(sys.argv[1]).write_text(str(server.getsockname()[1]))
    while True:
        kept.append(server.accept())
PYTHON
"$folder/venv/bin/python" "$folder/silent.py" "$folder/port" &
silent=$!
until [ -s "$folder/port" ]; do sleep 0.1; done
cat > "$folder/export.js" <<'JS'
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
const began = performance.now();
new OTLPTraceExporter().export([], (result) => {
    console.log(`${Math.round((performance.now() - began) / 1000)} s`);
    process.exit(result.code === 1 ? 0 : 1);
});
JS
cat > "$folder/export.py" <<'PYTHON'
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

OTLPSpanExporter().export([])
PYTHON
port=$(cat "$folder/port")
export OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$port" OTEL_EXPORTER_OTLP_TIMEOUT=1000
javascript=$(timeout 20 node "$folder/export.js")
code=0
timeout 5 "$folder/venv/bin/python" "$folder/export.py" || code=$?
python=$([ "$code" = 124 ] && echo "still waiting after 5 s" || echo "ended with $code")
echo "OTEL_EXPORTER_OTLP_TIMEOUT=1000: JavaScript (0.301.0) gives up after $javascript, Python (1.45.2): $python"
[ "$javascript" = "1 s" ] && [ "$code" = 124 ]
