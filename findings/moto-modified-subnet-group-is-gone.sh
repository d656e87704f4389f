#!/bin/sh
# moto answers ModifyDBSubnetGroup with the group as it was asked for, and has lost it: nothing describes it any more, and the
# next database that names it is refused. In AWS it is changed. Whoever updates a stack with a database's subnets in it there
# sees the update succeed, and the next one fail.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[ec2,rds]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import boto3
import moto

with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    ec2, rds = (boto3.client(name, "eu-central-1", **keys) for name in ("ec2", "rds"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"eu-central-1{zone}")["Subnet"]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="one", SubnetIds=subnets)
    answer = rds.modify_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="another", SubnetIds=subnets)
    said = answer["DBSubnetGroup"]["DBSubnetGroupDescription"]
    left = [group["DBSubnetGroupName"] for group in rds.describe_db_subnet_groups()["DBSubnetGroups"]]
print(f"moto {moto.__version__}: the answer describes it as {said!r}; groups that are left: {left}")
sys.exit((said, left) != ("another", []))
PYTHON
