#!/bin/sh
# aws-embedded-metrics writes CloudWatch's metrics as lines of a log. A value comes with its unit, so one would have guessed that two units of one metric are
# either refused, as an unknown unit is, or kept apart. The first unit holds for all: 2 s after 150 ms are "wait": [150, 2] in milliseconds. And dimensions that
# are put one after the other are two sets of one each, so that two metrics are made, of a stage and of a task, and none of a stage's task; for that, both are in
# one call.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-embedded-metrics==3.5.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

from aws_embedded_metrics.exceptions import InvalidMetricError
from aws_embedded_metrics.logger.metrics_context import MetricsContext
from aws_embedded_metrics.serializers.log_serializer import LogSerializer


def line(*steps):
    context = MetricsContext().empty()
    for name, *arguments in steps:
        getattr(context, name)(*arguments)
    [written] = LogSerializer.serialize(context)
    print(written)
    return json.loads(written)


def declared(written):
    [made] = written["_aws"]["CloudWatchMetrics"]
    return made["Metrics"], made["Dimensions"]


waits = line(("put_metric", "wait", 150, "Milliseconds"), ("put_metric", "wait", 2, "Seconds"))
apart = line(("put_dimensions", {"stage": "dev"}), ("put_dimensions", {"task": "1"}), ("put_metric", "wait", 150, "Milliseconds"))
both = line(("put_dimensions", {"stage": "dev", "task": "1"}), ("put_metric", "wait", 150, "Milliseconds"))
try:
    line(("put_metric", "wait", 150, "ms"))
    refused = False
except InvalidMetricError as error:
    print(error)
    refused = True
metric = [{"Name": "wait", "Unit": "Milliseconds"}]
as_described = (
    (waits["wait"], declared(waits)[0]) == ([150, 2], metric)
    and declared(apart)[1] == [["stage"], ["task"]]
    and declared(both)[1] == [["stage", "task"]]
    and refused
)
sys.exit(not as_described)
PYTHON
