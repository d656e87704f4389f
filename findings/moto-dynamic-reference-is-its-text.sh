#!/bin/sh
# moto's CloudFormation hands a dynamic reference on as the text that it is: {{resolve:secretsmanager:…}} becomes the value of
# the resource, and the stack reaches CREATE_COMPLETE. CloudFormation puts the secret in its place, or fails.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[cloudformation,secretsmanager,ssm]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import boto3
import moto

REFERENCES = {"there": "{{resolve:secretsmanager:key:SecretString:::}}", "not-there": "{{resolve:secretsmanager:none:SecretString:::}}"}
HELD = "open"
found = {}
with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    boto3.client("secretsmanager", "eu-central-1", **keys).create_secret(Name="key", SecretString=HELD)
    cloud = boto3.client("cloudformation", "eu-central-1", **keys)
    for name, reference in REFERENCES.items():
        parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": reference}}
        cloud.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"P": parameter}}))
        [stack] = cloud.describe_stacks(StackName=name)["Stacks"]
        value = boto3.client("ssm", "eu-central-1", **keys).get_parameter(Name=name)["Parameter"]["Value"]
        found[name] = (stack["StackStatus"], value)
print(f"moto {moto.__version__}: {found}")
sys.exit(found != {name: ("CREATE_COMPLETE", reference) for name, reference in REFERENCES.items()})
PYTHON
