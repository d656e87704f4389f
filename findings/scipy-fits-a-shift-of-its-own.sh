#!/bin/sh
# scipy.stats.lognorm.fit fits three parameters: shape, scale, and where the distribution begins. Given nine plausible pauses, 1 to 8 and 20 seconds, it lets the
# distribution begin at the smallest of them, with a shape of 11.8: a median of one second, and one pause in ten longer than two days. With floc=0, the
# lognormal that one has in mind, median and shape are 4.5 s and 0.81. There is no warning.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" -W error - <<'PYTHON'
import sys

import scipy
from scipy.stats import lognorm

PAUSES = [1, 2, 3, 4, 5, 6, 7, 8, 20]
found = []
for options in ({}, {"floc": 0}):
    shape, begin, scale = lognorm.fit(PAUSES, **options)
    median, long = lognorm.ppf([0.5, 0.9], shape, begin, scale)
    found.append((shape, begin, median, long))
    print(f"scipy {scipy.__version__} {options}: shape {shape:.2f}, from {begin:.3f} s, median {median:.2f} s, one in ten longer than {long:.4g} s")
free, fixed = found
sys.exit(not (free[0] > 5 and free[1] > 0.99 and free[2] < 1.2 and free[3] > 86400 and 0.8 < fixed[0] < 0.82 and 4 < fixed[2] < 5 and fixed[3] < 20))
PYTHON
