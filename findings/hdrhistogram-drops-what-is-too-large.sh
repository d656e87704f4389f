#!/bin/sh
# A histogram of the Python port of HdrHistogram is made for a range. A value above it is neither clamped to the highest bucket nor an
# error: record_value returns False, and the value is in no count, percentile or maximum. Of 90 answers in 10 ms and 10 that took a minute,
# a histogram up to 30 s says p99 10 ms, maximum 10 ms, 90 values: the slow ones have made the site fast.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check hdrhistogram==0.10.8
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from hdrh.histogram import HdrHistogram

waits = HdrHistogram(1, 30_000, 3)
kept = [waits.record_value(wait) for wait in [10] * 90 + [60_000] * 10]
count, p99, most = waits.get_total_count(), waits.get_value_at_percentile(99), waits.get_max_value()
print(f"hdrhistogram {version('hdrhistogram')}: {kept.count(False)} of {len(kept)} values refused;", end=" ")
print(f"{count} counted, p99 {p99} ms, maximum {most} ms")
sys.exit((kept.count(False), count, p99, most) != (10, 90, 10, 10))
PYTHON
