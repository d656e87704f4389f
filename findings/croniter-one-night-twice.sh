#!/bin/sh
# Asked for "30 2 * * *" in Berlin, croniter 7 gives 02:30 twice in the night in which clocks are put back, once in each offset, and 03:00
# in the night that has no 02:30. With croniter 6.0 the same night came once, and the one after it at 03:30, an hour late. Who checks the
# schedules of EventBridge Scheduler with it is misled by either: that runs once when clocks are put back, says its user guide.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
for version in 6.0.0 7.0.0; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "croniter==$version" tzdata==2026.3
    "$folder/venv/bin/python" - "$version" <<'PYTHON'
import datetime
import sys
from zoneinfo import ZoneInfo

from croniter import croniter

BERLIN = ZoneInfo("Europe/Berlin")
OLD = ["2026-10-25T02:30:00+02:00", "2026-10-26T03:30:00+01:00", "2026-10-27T02:30:00+01:00"]
NEW = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"]
times = croniter("30 2 * * *", datetime.datetime(2026, 10, 24, 12, tzinfo=BERLIN))
found = [times.get_next(datetime.datetime).isoformat() for _ in range(3)]
print(f"croniter {sys.argv[1]}:", *found)
sys.exit(found != {"6.0.0": OLD, "7.0.0": NEW}[sys.argv[1]])
PYTHON
done
