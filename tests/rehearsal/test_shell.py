"""The shell in which the tools of AWS find the rehearsal: a real child process, boto3 as a user has it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from rehearsal.fargate.stand.scaling_state import Scaled, changing
from rehearsal.values.stack import Resource, Stack
from rehearsal.values.state import Deployed, Key, Store
from tests.rehearsal.conftest import ROOT

COUNT = {
    "MinCapacity": 1,
    "MaxCapacity": 4,
    "ResourceId": "service/c/s",
    "ScalableDimension": "ecs:service:DesiredCount",
    "ServiceNamespace": "ecs",
    "RoleARN": "arn:aws:iam::222222222222:role/r",
}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "c"}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Family": "t", "ContainerDefinitions": [{"Name": "web", "Image": "web", "Memory": 64}]},
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {"Cluster": {"Ref": "Cluster"}, "ServiceName": "s", "TaskDefinition": {"Ref": "Task"}},
        },
        "Count": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": COUNT, "DependsOn": "Service"},
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "s", "GenerateSecretString": {}}},
    }
}
READING = """
    import boto3
    print(*[stack["StackStatus"] for stack in boto3.client("cloudformation").describe_stacks()["Stacks"]])
    print(boto3.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"])
    s3 = boto3.client("s3")
    [bucket] = s3.list_buckets()["Buckets"]
    print(s3.get_object(Bucket=bucket["Name"], Key="report.txt")["Body"].read().decode())
    scaling = boto3.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    [target] = scaling["ScalableTargets"]
    [service] = boto3.client("ecs").describe_services(cluster="c", services=["s"])["services"]
    print(target["MinCapacity"], target["MaxCapacity"], service["desiredCount"])
    other = boto3.Session(profile_name="333333333333-eu-central-1").client("sts")
    print(other.get_caller_identity()["Account"])
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout for which a stack stands in each of two accounts, with an object in the first one's bucket."""
    store = Store(tmp_path / ".rehearsal")
    for account in ("222222222222", "333333333333"):
        resources = {
            "Bucket": Resource("Bucket", "AWS::S3::Bucket", "b", {}, {}),
            "Count": Resource("Count", "AWS::ApplicationAutoScaling::ScalableTarget", "count", COUNT, {}),
        }
        stack = Stack("site", account, "eu-central-1", resources, {})
        store.stands(Deployed.of(stack, TEMPLATE, {}, commit="c", at=time.time(), generations={}))
        store.generated(account, "eu-central-1", "site", "Secret", f"secret of {account}".format)
    store.state.pipeline = Key(account="222222222222", region="eu-central-1", name="site")
    store.save()
    place = "222222222222/eu-central-1/site"
    with changing(store.folder) as kept:
        kept.services[f"{place}/Service"] = Scaled(f"{place}/Service", f"{place}/Count", 3, None, "r", 0.0, 2, 6)
    return tmp_path


def shell(checkout: Path, script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rehearsal", "--checkout", str(checkout), "shell"]
    return subprocess.run(command, cwd=ROOT, input=script, text=True, capture_output=True, check=False, timeout=90)


def test_stacks_secrets_and_buckets_are_read_with_the_tools_of_aws(checkout: Path) -> None:
    state = (checkout / ".rehearsal" / "state.json").read_text()
    name = "s3.list_buckets()['Buckets'][0]['Name']"
    put = f"import boto3; s3 = boto3.client('s3'); s3.put_object(Bucket={name}, Key='report.txt', Body=b'PASS')"
    script = checkout / "reading.py"
    script.write_text(textwrap.dedent(READING))
    done = shell(checkout, f'{sys.executable} -c "{put}" && {sys.executable} {script}; exit 7\n')
    assert done.returncode == 7, done.stderr
    printed = done.stdout.splitlines()
    assert "# --profile 222222222222-eu-central-1: site" in printed
    assert printed[-5:] == ["CREATE_COMPLETE", "secret of 222222222222", "PASS", "2 6 3", "333333333333"]
    # It only looked.
    assert (checkout / ".rehearsal" / "state.json").read_text() == state
    assert not (checkout / ".rehearsal" / "aws" / "config").exists()


def test_without_anything_that_stands_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    done = shell(tmp_path, "true\n")
    assert (done.returncode, done.stderr) == (2, "rehearsal: nothing stands: `make rehearse` deploys\n")
