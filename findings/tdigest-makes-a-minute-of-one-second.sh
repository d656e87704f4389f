#!/bin/sh
# A t-digest keeps percentiles of a stream in little memory, best at the tails: so one would have guessed that its p95 of a hundred waits is near the right one. Of
# the libraries called tdigest (PyPI and npm) the same value is one centroid, however often it comes, and between two centroids they draw a line: where 99 people
# waited one second and one a minute, p90 is 49 s and p95 55 s. Waits in whole seconds, or a page that always takes as long, are such values. A sketch with a bound
# on the error of a value (ddsketch) says a second.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check tdigest==0.5.2.2 ddsketch==3.0.1
npm install --silent --no-audit --no-fund --prefix "$folder" tdigest@0.1.3
cat > "$folder/waits.js" <<'JS'
const { TDigest } = require("tdigest");
const digest = new TDigest();
for (const wait of [...Array(99).fill(1), 60]) digest.push(wait);
digest.compress();
console.log(JSON.stringify([0.9, 0.95, 0.98].map((share) => digest.percentile(share))));
JS
cat > "$folder/waits.py" <<'PYTHON'
import json
import subprocess
import sys

from ddsketch import DDSketch
from tdigest import TDigest

digest, sketch = TDigest(), DDSketch()
for wait in [1.0] * 99 + [60.0]:
    digest.update(wait)
    sketch.add(wait)
found = {
    "tdigest 0.5.2.2 (PyPI)": [digest.percentile(share) for share in (90, 95, 98)],
    "tdigest 0.1.3 (npm)": json.loads(subprocess.check_output(["node", "waits.js"], cwd=sys.argv[1])),
    "ddsketch 3.0.1": [sketch.get_quantile_value(share) for share in (0.9, 0.95, 0.98)],
}
print("99 waits of 1 s and one of 60 s: p90, p95, p98")
for name, waits in found.items():
    print(f"{name}: {', '.join(f'{wait:.1f} s' for wait in waits)}")
*digests, right = found.values()
sys.exit(not (all(abs(wait - line) < 1 for waits in digests for wait, line in zip(waits, (49, 55, 58))) and all(abs(wait - 1) < 0.02 for wait in right)))
PYTHON
"$folder/venv/bin/python" "$folder/waits.py" "$folder"
