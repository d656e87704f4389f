#!/bin/sh
# A stack that moto's CloudFormation deletes is DELETE_COMPLETE, and part of what it made goes on: an ECS service stays ACTIVE, a target
# group, a listener's rule and an Elastic IP stay where they are, because their types have no deletion. A rule then holds its priority, so
# that the same template cannot be deployed again beside the load balancer. CloudFormation deletes them, or says DELETE_FAILED.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    "moto[cloudformation,ec2,ecs,elbv2]==5.2.5" boto3==1.44.5 botocore==1.44.5
AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s AWS_DEFAULT_REGION=eu-central-1 "$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import boto3
from moto import mock_aws

template = {
    "Resources": {
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Family": "web", "ContainerDefinitions": [{"Name": "web", "Image": "web", "Memory": 128}]},
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 1, "LaunchType": "EC2"},
        },
    }
}
with mock_aws():
    formation, ec2, ecs = (boto3.client(name) for name in ("cloudformation", "ec2", "ecs"))
    stack = formation.create_stack(StackName="s", TemplateBody=json.dumps(template))["StackId"]
    formation.delete_stack(StackName="s")
    status = formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    clusters = ecs.list_clusters()["clusterArns"]
    services = [arn for cluster in clusters for arn in ecs.list_services(cluster=cluster)["serviceArns"]]
    addresses = ec2.describe_addresses()["Addresses"]
    print(f"moto 5.2.5: {status}, left: {len(services)} service, {len(addresses)} address")
    sys.exit(not (status == "DELETE_COMPLETE" and len(services) == 1 and len(addresses) == 1))
PYTHON
