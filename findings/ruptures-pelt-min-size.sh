#!/bin/sh
# ruptures' Pelt says that it computes the segmentation of least penalised cost. With a shortest segment (min_size) it may miss
# it: its pruning drops a place because a later one is better already, although that one is still too near to the end to begin a segment.
# Twelve values, min_size 5, penalty 3: Pelt splits at 5 at a cost of 19, and no split at all costs 17.
# Exit 0: as described. Exit 1: another behaviour. Needs a Python with a wheel of ruptures (3.11 to 3.13), and PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: ruptures==1.1.10
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import ruptures

PENALTY, SHORTEST = 3.0, 5
values = np.array([1, 0, 0, 0, 0, 5, 1, 0, 5, 5, 0, 0], dtype=float).reshape(-1, 1)


def cost(ends):
    starts = [0, *ends[:-1]]
    distances = (np.abs(values[s:e] - np.median(values[s:e])).sum() for s, e in zip(starts, ends))
    return float(sum(distances)) + PENALTY * (len(ends) - 1)


found = ruptures.Pelt(model="l1", min_size=SHORTEST, jump=1).fit(values).predict(pen=PENALTY)
whole = [len(values)]
print(f"ruptures {ruptures.__version__}, Python {sys.version.split()[0]}")
print(f"Pelt: ends {found}, cost {cost(found)}; one segment: ends {whole}, cost {cost(whole)}")
sys.exit(not (found == [5, 12] and cost(found) == 19 and cost(whole) == 17))
PYTHON
