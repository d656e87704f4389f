#!/bin/sh
# botocore's waiter stack_create_complete returns, as for success, when the stack is in UPDATE_ROLLBACK_FAILED: it is written for
# whoever comes late, and takes every state that a created stack can reach later. Who waits for the creation of a stack that stands
# already, and is stuck, is told that all is well. stack_update_complete raises for the same answer.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI; nothing of AWS is asked.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import sys

import boto3
import botocore
from botocore.exceptions import WaiterError
from botocore.stub import Stubber

STUCK = {
    "StackName": "site",
    "CreationTime": datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    "StackStatus": "UPDATE_ROLLBACK_FAILED",
}


def outcome(waiter):
    client = boto3.client("cloudformation", "eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
    with Stubber(client) as stub:
        stub.add_response("describe_stacks", {"Stacks": [STUCK]})
        try:
            client.get_waiter(waiter).wait(StackName="site", WaiterConfig={"MaxAttempts": 1})
        except WaiterError:
            return "raises"
    return "returns"


found = {name: outcome(name) for name in ("stack_create_complete", "stack_update_complete")}
print(f"botocore {botocore.__version__}, a stack in UPDATE_ROLLBACK_FAILED: {found}")
sys.exit(found != {"stack_create_complete": "returns", "stack_update_complete": "raises"})
PYTHON
