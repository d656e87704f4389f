#!/bin/sh
# A Locust worker measures its master's silence by the time of day: where somebody sets the clock ahead by more than a minute, it says
# "Didn't get heartbeat from master in over 60s" and ends with 0, although the master answered a second ago. The load is gone then.
# Here one worker's clock goes ahead by an hour while it runs, and its master, whose clock nobody touches, goes on asking it.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI; half a minute.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: locust==2.47.0
mkdir "$folder/clock"
cat > "$folder/clock/sitecustomize.py" <<'PYTHON'
import time

real, started = time.time, time.monotonic()
time.time = lambda: real() + (3600 if time.monotonic() > started + 10 else 0)
PYTHON
cat > "$folder/locustfile.py" <<'PYTHON'
from locust import User, constant, task


class Idle(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass
PYTHON
cd "$folder"
"$folder/venv/bin/locust" --version
"$folder/venv/bin/locust" --master --headless --users 1 --expect-workers 1 --run-time 25s --master-bind-port 25557 >master.log 2>&1 &
master=$!
PYTHONPATH="$folder/clock" timeout 40 "$folder/venv/bin/locust" --worker --master-port 25557 >worker.log 2>&1 && code=0 || code=$?
kill -0 "$master" && echo "the master is still there when the worker ends with $code"
grep -o "Didn't get heartbeat.*" worker.log
kill "$master"
