#!/bin/sh
# moto exports an output whose condition is false. The stack does not list the output, as in AWS; yet another stack can import the
# name, and reaches CREATE_COMPLETE, where CloudFormation would refuse it: no export named so.
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

EXPORTING = {
    "Conditions": {"Never": {"Fn::Equals": ["one", "another"]}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"Name": {"Condition": "Never", "Value": "a value", "Export": {"Name": "of-nobody"}}},
}
IMPORTING = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": "of-nobody"}}}
    }
}
with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    cloud = boto3.client("cloudformation", "eu-central-1", **keys)
    for name, template in (("exporting", EXPORTING), ("importing", IMPORTING)):
        cloud.create_stack(StackName=name, TemplateBody=json.dumps(template))
    outputs = cloud.describe_stacks(StackName="exporting")["Stacks"][0].get("Outputs", [])
    exports = [export["Name"] for export in cloud.list_exports()["Exports"]]
    status = cloud.describe_stacks(StackName="importing")["Stacks"][0]["StackStatus"]
print(f"moto {moto.__version__}: outputs {outputs}, exports {exports}, the importing stack {status}")
sys.exit(not (outputs == [] and exports == ["of-nobody"] and status == "CREATE_COMPLETE"))
PYTHON
