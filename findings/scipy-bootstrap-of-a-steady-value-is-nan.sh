#!/bin/sh
# scipy.stats.bootstrap takes the method BCa unless told another. Where resamples are all the same, as of waits in whole milliseconds of a steady site, or nearly
# all, as of their median, its interval is nan to nan, with a warning at most. A comparison with nan is false: "worse if the interval's low end is above the
# limit" is then never worse. method="percentile" gives numbers.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math
import sys

import numpy
import scipy
from scipy import stats

LIMIT = 250.0
found = {}
for name, waits, statistic in (
    ("mean of six equal waits", [900.0] * 6, numpy.mean),
    ("median of nine, eight of them equal", [900.0] * 8 + [1900.0], numpy.median),
):
    intervals = [
        stats.bootstrap((waits,), statistic, rng=1, **options).confidence_interval for options in ({}, {"method": "percentile"})
    ]
    found[name] = [interval.low > LIMIT for interval in intervals], all(map(math.isnan, intervals[0]))
    print(f"scipy {scipy.__version__}, {name}: {[[float(end) for end in interval] for interval in intervals]}")
    print(f"  above {LIMIT:.0f} ms: {found[name][0]}")
sys.exit(list(found.values()) != [([False, True], True)] * 2)
PYTHON
