#!/bin/sh
# moto keeps the default of a parameter of type CommaDelimitedList as the text that it is; only a value that is given is split.
# Fn::Join over such a default joins its letters, and the stack reaches CREATE_COMPLETE. CloudFormation splits both.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[cloudformation,sns]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import boto3
import moto

TEMPLATE = {
    "Parameters": {"Zones": {"Type": "CommaDelimitedList", "Default": "one,two"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"Joined": {"Value": {"Fn::Join": ["+", {"Ref": "Zones"}]}}},
}
joined = {}
with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    cloud = boto3.client("cloudformation", "eu-central-1", **keys)
    for name, given in (("default", []), ("given", [{"ParameterKey": "Zones", "ParameterValue": "one,two"}])):
        cloud.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE), Parameters=given)
        [output] = cloud.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        joined[name] = output["OutputValue"]
print(f"moto {moto.__version__}: by default {joined['default']}, given {joined['given']}")
sys.exit(joined != {"default": "o+n+e+,+t+w+o", "given": "one+two"})
PYTHON
