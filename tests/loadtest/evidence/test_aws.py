from __future__ import annotations

import argparse
import json
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from loadtest.chromium.program import Plan
from loadtest.commands.run import as_found, new_record
from loadtest.evidence import folder, upload
from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history import summaries
from loadtest.history.series import Series
from loadtest.record.record import Record
from loadtest.request import options
from loadtest.request.options import DEFAULT_LIMITS
from loadtest.request.target import Target, TargetUnknown, resolve
from tests.emulated import mock_aws

REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/storm"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


def secret(text: str) -> str:
    arn: str = boto3.client("secretsmanager", REGION).create_secret(Name="storm", SecretString=text)["ARN"]
    return arn


def stack(outputs: dict[str, str]) -> str:
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client: Any = boto3.client("cloudformation", REGION)
    client.create_stack(StackName="floodgate-dev-wordpress", TemplateBody=json.dumps(template))
    return "floodgate-dev-wordpress"


def asked(**values: str) -> options.Options:
    names = {option.name: None for option in options.OPTIONS}
    return options.collect(argparse.Namespace(**{**names, **values}), {})


@pytest.mark.parametrize("text", ["plain-token", json.dumps({"token": "plain-token"}), " plain-token\n"])
def test_the_token_is_read_from_the_secret_by_the_role(text: str) -> None:
    found = resolve(asked(host="http://localhost:8080/", token_secret=secret(text), token_role=ROLE))
    assert found == Target("http://localhost:8080", "plain-token")


def test_a_stack_tells_its_site_and_its_secret() -> None:
    name = stack({"SiteUrl": "https://dev.example.org", "StormSecretArn": secret("plain-token")})
    assert resolve(asked(stack=name, token_role=ROLE)) == Target("https://dev.example.org", "plain-token")


@pytest.fixture
def scaled() -> dict[str, str]:
    """A service that may have 2 to 20 tasks, a database of 0.5 to 16 units, and the outputs that name them."""
    ecs: Any = boto3.client("ecs", REGION)
    ecs.create_cluster(clusterName="cluster")
    ecs.register_task_definition(family="web", cpu="1024", memory="2048", containerDefinitions=[])
    ecs.create_service(cluster="cluster", serviceName="web", taskDefinition="web")
    boto3.client("application-autoscaling", REGION).register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/cluster/web",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=20,
    )
    boto3.client("rds", REGION).create_db_cluster(
        DBClusterIdentifier="data",
        Engine="aurora-mysql",
        MasterUsername="wordpress",
        MasterUserPassword="wordpress",
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 16},
    )
    return {"ScaledService": "service/cluster/web", "ScaledDatabase": "data"}


def test_a_site_that_grows_at_night_is_as_large_as_aws_says(scaled: dict[str, str]) -> None:
    name = stack({"SiteUrl": "https://dev.example.org", "StormSecretArn": secret("t"), **scaled})
    assert resolve(asked(stack=name)).sizes == {"task": "1024/2048", "tasks": "2-20", "database": "0.5-16"}


def test_what_was_planned_is_not_what_a_night_is_compared_by(scaled: dict[str, str], record: Record) -> None:
    name = stack({"SiteUrl": "https://dev.example.org", "StormSecretArn": secret("t"), **scaled})
    planned = asked(stack=name, environment="region=eu-central-1 task=512/1024 tasks=3-30 database=1-16")
    found = new_record(as_found(planned, resolve(planned)), Plan())
    assert found.environment == {"region": "eu-central-1", "task": "1024/2048", "tasks": "2-20", "database": "0.5-16"}
    assert summaries.fingerprint(found).items() >= found.environment.items()


def test_a_database_that_is_not_there_is_named(scaled: dict[str, str]) -> None:
    scaled["ScaledDatabase"] = "another"
    name = stack({"SiteUrl": "https://dev.example.org", "StormSecretArn": secret("t"), **scaled})
    with pytest.raises(TargetUnknown, match=f"reading the sizes of {name} failed: .*another"):
        resolve(asked(stack=name))


def test_a_stack_of_another_region_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    name = stack({"SiteUrl": "https://dev.example.org", "StormSecretArn": secret("plain-token")})
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(TargetUnknown, match=f"reading the stack {name} failed"):
        resolve(asked(stack=name))
    assert resolve(asked(stack=name, region=REGION)).token == "plain-token"


def test_a_token_is_never_shown() -> None:
    assert "plain-token" not in repr(Target("http://localhost", "plain-token"))


@pytest.mark.parametrize(
    ("outputs", "text", "message"),
    [
        pytest.param({"StormSecretArn": "none"}, "x", "has no output SiteUrl; it has StormSecretArn", id="no address"),
        pytest.param({"SiteUrl": "https://dev.example.org"}, "x", "has no output StormSecretArn", id="no secret"),
        pytest.param(
            {"SiteUrl": "dev.example.org", "StormSecretArn": "none"},
            "x",
            "gives SiteUrl 'dev.example.org'",
            id="address without scheme",
        ),
        pytest.param(
            {"SiteUrl": "https://a.org", "StormSecretArn": "none"},
            "x",
            "reading the secret none failed",
            id="secret unreadable",
        ),
        pytest.param(
            {"SiteUrl": "https://a.org", "StormSecretArn": "it"},
            '{"password": "x"}',
            "holds no token",
            id="secret without token",
        ),
    ],
)
def test_what_aws_does_not_tell_is_named(outputs: dict[str, str], text: str, message: str) -> None:
    arn = secret(text)
    name = stack({key: arn if value == "it" else value for key, value in outputs.items()})
    with pytest.raises(TargetUnknown) as caught:
        resolve(asked(stack=name, token_role=ROLE))
    assert message in str(caught.value)


def test_a_stack_that_is_not_there_is_named() -> None:
    with pytest.raises(TargetUnknown, match="reading the stack floodgate-none failed"):
        resolve(asked(stack="floodgate-none"))


def test_the_evidence_is_uploaded_under_time_and_commit(record: Record, tmp_path: Path) -> None:
    client: Any = boto3.client("s3", REGION)
    client.create_bucket(Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": REGION})
    place = upload.folder("s3://evidence/storms/", record.started_at, record.commit)
    assert place == "s3://evidence/storms/20261123T060000Z-c0ffee"
    folder.prepare(tmp_path)
    verdict = folder.write(Series([record]), limits.load(DEFAULT_LIMITS), folder.Folder(tmp_path, place))
    assert verdict.answer is Answer.PASS
    kept = {item["Key"] for item in client.list_objects_v2(Bucket="evidence")["Contents"]}
    assert kept == {f"storms/20261123T060000Z-c0ffee/{name}" for name in (*folder.FILES, "storm.log")}
    head = client.head_object(Bucket="evidence", Key="storms/20261123T060000Z-c0ffee/report.html")
    assert head["ContentType"] == "text/html; charset=utf-8"
    assert f"STORM_REPORT={place}/report.html" in (tmp_path / "verdict.env").read_text()


def test_a_pass_whose_evidence_cannot_be_kept_is_void(record: Record, tmp_path: Path) -> None:
    folder.prepare(tmp_path)
    place = folder.Folder(tmp_path, "s3://no-such-bucket/storms/x")
    verdict = folder.write(Series([record]), limits.load(DEFAULT_LIMITS), place)
    assert verdict.answer is Answer.VOID
    assert "could not be uploaded to s3://no-such-bucket" in verdict.reasons[0]
    assert "STORM_VERDICT=VOID" in (tmp_path / "verdict.env").read_text()


def test_who_interrupts_while_aws_does_not_answer_has_the_evidence_at_once(
    tmp_path: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    """Left alone it would wait for minutes: a minute for each of several attempts."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        storm = command("run", "--stack", "s", "--out", str(tmp_path), AWS_ENDPOINT_URL=address, **keys)
        with silent.accept()[0]:
            storm.send_signal(signal.SIGINT)
            output, complaints = storm.communicate(timeout=50)
    assert storm.returncode == 3, complaints
    assert "the storm was interrupted by SIGINT" in output
    assert "Traceback" not in complaints
