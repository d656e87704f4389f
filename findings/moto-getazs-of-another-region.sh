#!/bin/sh
# moto's Fn::GetAZs with an empty string gives the zones of us-east-1 in whatever region the stack is; in CloudFormation the empty
# string means the stack's own region. A subnet made from it says us-east-1a in eu-central-1, and moto's EC2 takes it without a word.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[cloudformation,ec2]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import boto3
import moto

ZONE = {"Fn::Select": [0, {"Fn::GetAZs": ""}]}
TEMPLATE = {
    "Resources": {
        "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Network"}, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": ZONE},
        },
    },
    "Outputs": {"Subnet": {"Value": {"Ref": "Subnet"}}},
}
with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    cloud = boto3.client("cloudformation", "eu-central-1", **keys)
    cloud.create_stack(StackName="network", TemplateBody=json.dumps(TEMPLATE))
    [output] = cloud.describe_stacks(StackName="network")["Stacks"][0]["Outputs"]
    ec2 = boto3.client("ec2", "eu-central-1", **keys)
    [subnet] = ec2.describe_subnets(SubnetIds=[output["OutputValue"]])["Subnets"]
print(f"moto {moto.__version__}: a subnet of a stack in eu-central-1 is in {subnet['AvailabilityZone']}")
sys.exit(subnet["AvailabilityZone"] != "us-east-1a")
PYTHON
