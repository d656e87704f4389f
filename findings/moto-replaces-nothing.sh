#!/bin/sh
# An update in moto's CloudFormation replaces nothing. What AWS's own resource schema calls create-only (EFS: Encrypted) changes in the
# template, the stack says UPDATE_COMPLETE, the resource keeps its identifier, and the service goes on saying what it was made with.
# A tool that is tried against moto never sees the one update that loses data. The schemas that cfn-lint ships tell which those are.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    "moto[cloudformation,efs]==5.2.5" boto3==1.44.5 botocore==1.44.5
AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s AWS_DEFAULT_REGION=eu-central-1 "$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import boto3
from moto import mock_aws


def template(encrypted):
    return json.dumps({"Resources": {"Files": {"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": encrypted}}}})


with mock_aws():
    formation, efs = boto3.client("cloudformation"), boto3.client("efs")
    formation.create_stack(StackName="s", TemplateBody=template(False))
    [before] = efs.describe_file_systems()["FileSystems"]
    formation.update_stack(StackName="s", TemplateBody=template(True))
    [after] = efs.describe_file_systems()["FileSystems"]
    status = formation.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"]
    same = before["FileSystemId"] == after["FileSystemId"]
    print(f"moto 5.2.5: {status}, the same file system: {same}, encrypted before and after: {before['Encrypted']}, {after['Encrypted']}")
    sys.exit(not (status == "UPDATE_COMPLETE" and same and after["Encrypted"] is False))
PYTHON
