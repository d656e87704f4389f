#!/bin/sh
# With pytest 9.2, tests that pytest-xdist is told to keep together by the mark xdist_group run on different workers: xdist writes the group
# into the item's _nodeid, and pytest does not read that any more when it reports the id. Nothing says so; `--dist loadgroup` is accepted.
# Eight tests in one group, two workers: both workers run some of them.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pytest==9.2.0 pytest-xdist==3.8.0
cat > "$folder/test_together.py" <<'PYTHON'
import os
import time

import pytest


@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(8))
def test_one(number):
    time.sleep(0.2)
    with open(os.environ["SEEN"], "a") as seen:
        print(os.environ["PYTEST_XDIST_WORKER"], file=seen)
PYTHON
export SEEN="$folder/seen"
cd "$folder"
"$folder/venv/bin/pytest" -q -p no:cacheprovider -n 2 --dist loadgroup test_together.py
"$folder/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -i '^pytest'
workers=$(sort -u "$SEEN" | tr '\n' ' ')
echo "one group of eight tests ran on: $workers"
[ "$workers" = "gw0 gw1 " ]
