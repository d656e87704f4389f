#!/bin/sh
# A template says of its parameters what they may be (AllowedValues, AllowedPattern, MaxLength, MaxValue), and in Rules what they may be together. moto's
# CloudFormation makes the stack with any value, and updates one whose policy denies each update. A parameter without a value is refused, as is an
# update of nothing, with CloudFormation's own words: so it looks as if the rest was held too.
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

TOPIC = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Stage"}}}}
RULES = {
    "none": {},
    "AllowedValues": {"AllowedValues": ["dev", "prod"]},
    "AllowedPattern": {"AllowedPattern": "[a-z]+"},
    "MaxLength": {"MaxLength": 4},
    "MaxValue": {"Type": "Number", "MaxValue": 9},
}
DENIED = {"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}


def template(**more):
    return json.dumps({"Parameters": {"Stage": {"Type": "String"}}, "Resources": TOPIC, **more})


with moto.mock_aws():
    client = boto3.client("cloudformation", "eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")

    def made(name, text, *values):
        parameters = [{"ParameterKey": "Stage", "ParameterValue": value} for value in values]
        try:
            client.create_stack(StackName=name, TemplateBody=text, Parameters=parameters)
        except client.exceptions.ClientError as error:
            return error.response["Error"]["Message"]
        return client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    found = {
        name: made(name, template(Parameters={"Stage": {"Type": "String", **rule}}), "12345") for name, rule in RULES.items()
    }
    asserted = {"Assert": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}, "AssertDescription": "dev alone"}
    found["Rules"] = made("Rules", template(Rules={"Dev": {"Assertions": [asserted]}}), "12345")
    found["no value"] = made("no-value", template())
    client.set_stack_policy(StackName="none", StackPolicyBody=json.dumps(DENIED))
    for name, value in (("an update of nothing", "12345"), ("an update that the policy denies", "prod")):
        parameters = [{"ParameterKey": "Stage", "ParameterValue": value}]
        try:
            client.update_stack(StackName="none", TemplateBody=template(), Parameters=parameters)
            found[name] = client.describe_stacks(StackName="none")["Stacks"][0]["StackStatus"]
        except client.exceptions.ClientError as error:
            found[name] = error.response["Error"]["Message"]
for name, said in found.items():
    print(f"moto {moto.__version__}, {name}: {said}")
last = [found.pop(name) for name in ("no value", "an update of nothing", "an update that the policy denies")]
sys.exit(set(found.values()) != {"CREATE_COMPLETE"} or last != ["Missing parameter Stage", "No updates are to be performed.", "UPDATE_COMPLETE"])
PYTHON
