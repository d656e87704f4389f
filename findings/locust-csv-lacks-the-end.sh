#!/bin/sh
# The tables that Locust writes with --csv are written each second, and not once more at the end: what was answered after the last time is in the
# summary on the screen and in the JSON, and in no line of NAME_stats.csv. Of a run of four seconds that is a fifth, and the failures of the end, when a
# site gives way, among it. Who judges a run by the CSV judges another run.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: locust==2.47.0
cd "$folder"
cat >locustfile.py <<'PYTHON'
import json
from pathlib import Path

from locust import User, constant_throughput, events, task


class Person(User):
    wait_time = constant_throughput(20)

    @task
    def ask(self):
        events.request.fire(request_type="GET", name="/", response_time=1, response_length=0, exception=None, context={})


@events.init.add_listener
def begin(environment, **_):
    events.quit.add_listener(lambda **_: Path("kept").write_text(json.dumps(environment.stats.total.num_requests)))
PYTHON
code=0
venv/bin/locust --headless --users 5 --spawn-rate 5 --run-time 4s --csv run --json >run.json 2>log || code=$?
"${PYTHON:-python3}" - "$code" <<'PYTHON'
import csv
import json
import sys
from pathlib import Path

answered = json.loads(Path("kept").read_text())
in_json = sum(each["num_requests"] for each in json.loads(Path("run.json").read_text()))
in_csv = int(next(row for row in csv.DictReader(Path("run_stats.csv").open()) if row["Name"] == "Aggregated")["Request Count"])
print(f"Locust 2.47.0, exit {sys.argv[1]}: {answered} answered, {in_json} in the JSON, {in_csv} in the CSV")
sys.exit(not (sys.argv[1] == "0" and answered == in_json and 0 < in_csv < answered))
PYTHON
