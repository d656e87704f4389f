#!/bin/sh
# moto tells of a Fargate task's first container alone, whatever the task definition has, and with the exit code 0 while it is RUNNING; each
# look at the task then moves it on towards its end, which nobody asked for. ECS tells of each container, and of an exit code when it has
# ended. A script that looks for a container by its name finds none, and one that takes the code 0 for a success has it before anything ran.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    "moto[ec2,ecs]==5.2.5" boto3==1.44.5 botocore==1.44.5
AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s AWS_DEFAULT_REGION=eu-central-1 "$folder/venv/bin/python" - <<'PYTHON'
import sys

import boto3
from moto import mock_aws

with mock_aws():
    ec2, ecs = (boto3.client(name) for name in ("ec2", "ecs"))
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:1]
    groups = [each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]][:1]
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(
        family="work",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": name, "image": "image", "memory": 128} for name in ("migrate", "log")],
    )
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": groups}}
    [run] = ecs.run_task(cluster="c", taskDefinition="work", launchType="FARGATE", networkConfiguration=network)["tasks"]
    [look] = ecs.describe_tasks(cluster="c", tasks=[run["taskArn"]])["tasks"]
    containers = [[(each.get("name"), each.get("exitCode")) for each in task["containers"]] for task in (run, look)]
    statuses = [task["lastStatus"] for task in (run, look)]
    print(f"moto 5.2.5: {statuses}, of the containers migrate and log: {containers}")
    sys.exit(not (statuses == ["RUNNING", "DEACTIVATING"] and containers == [[("migrate", 0)]] * 2))
PYTHON
