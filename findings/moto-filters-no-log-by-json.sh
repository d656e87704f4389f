#!/bin/sh
# moto's FilterLogEvents looks for the words of a filter pattern. A pattern of another kind, { $.status = 500 } for lines of JSON, ?ERROR ?WARN for
# either, %ERR[A-Z]+% for a regular expression, filters nothing: every event comes back, without an error. A minus before a word, which leaves its
# lines out in CloudWatch Logs, is looked for as it stands. A test that a filter finds its line passes with any such filter.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[logs]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import time

import boto3
import moto

LINES = ['{"status": 200}', '{"status": 500}', "ERROR one", "calm two"]
PATTERNS = {"ERROR": 1, "{ $.status = 500 }": 4, "?ERROR ?WARN": 4, "%ERR[A-Z]+%": 4, "ERROR -two": 0}
with moto.mock_aws():
    client = boto3.client("logs", "eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
    client.create_log_group(logGroupName="site")
    client.create_log_stream(logGroupName="site", logStreamName="task")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in LINES]
    client.put_log_events(logGroupName="site", logStreamName="task", logEvents=events)
    found = {
        pattern: len(client.filter_log_events(logGroupName="site", filterPattern=pattern)["events"]) for pattern in PATTERNS
    }
print(f"moto {moto.__version__}, lines found of {len(LINES)}, by pattern: {found}; each pattern is meant for one")
sys.exit(found != PATTERNS)
PYTHON
