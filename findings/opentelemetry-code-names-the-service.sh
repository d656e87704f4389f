#!/bin/sh
# OTEL_SERVICE_NAME names a service from outside, and whoever deploys a program would have guessed that it counts most, as variables do. To
# OpenTelemetry a name in the code goes before it: of a program that says service.name in Resource.create, as nearly each example does, the
# variable has no effect, in Python as in the specification; OTEL_RESOURCE_ATTRIBUTES neither, for what the code says. A program whose name
# is a mere default has to lay what the variables say over it by itself.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: opentelemetry-sdk==1.45.2
OTEL_SERVICE_NAME=nightly OTEL_RESOURCE_ATTRIBUTES=stage=dev,team=web "$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from opentelemetry.sdk.resources import OTELResourceDetector, Resource

NAMES = ("service.name", "stage", "team")
code = Resource.create({"service.name": "storm", "stage": "local"})
laid = code.merge(OTELResourceDetector().detect())
first, second = (tuple(resource.attributes.get(name) for name in NAMES) for resource in (code, laid))
print(f"opentelemetry-sdk {version('opentelemetry-sdk')}, {NAMES}: {first}; with the variables laid over it: {second}")
sys.exit((first, second) != (("storm", "local", "web"), ("nightly", "dev", "web")))
PYTHON
