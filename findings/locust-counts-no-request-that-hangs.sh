#!/bin/sh
# Locust counts a request when it ends. What is still under way when --run-time is over is neither a request nor a failure: a site that takes
# connections and never answers gives "0 requests, 0 failures", and the exit code is 0, also with --exit-code-on-error 1. A gate has to ask for
# a number of answers, or the users need time-outs that are shorter than the run.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
server=
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: locust==2.47.0
cat > "$folder/site.py" <<'PYTHON'
import socket
import time

with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
    print(server.getsockname()[1], flush=True)
    time.sleep(60)
PYTHON
cat > "$folder/people.py" <<'PYTHON'
from locust import HttpUser, constant, task


class Person(HttpUser):
    wait_time = constant(1)

    @task
    def reload(self):
        self.client.get("/")
PYTHON
"$folder/venv/bin/python" "$folder/site.py" > "$folder/port" &
server=$!
until [ -s "$folder/port" ]; do sleep 0.1; done
code=0
# Its JSON, not its CSV, which lacks what came last (locust-csv-lacks-the-end.sh).
"$folder/venv/bin/locust" -f "$folder/people.py" --headless --users 5 --spawn-rate 5 --run-time 4s --exit-code-on-error 1 --json \
    --host "http://127.0.0.1:$(cat "$folder/port")" > "$folder/run.json" 2> /dev/null || code=$?
total=$("$folder/venv/bin/python" -c 'import json, sys; print([(each["num_requests"], each["num_failures"]) for each in json.load(sys.stdin)])' < "$folder/run.json")
echo "$("$folder/venv/bin/locust" --version | cut -d' ' -f1,2): a site that never answers: requests and failures of each address $total; exit $code"
[ "$total" = '[]' ] && [ "$code" = 0 ]
