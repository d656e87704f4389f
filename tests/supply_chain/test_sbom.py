"""The bills of a commit's images, made as a rehearsed pipeline makes them: by the engine, and kept in S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers import engine
from containers.checkout import Context
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.ecr import write_wrapper
from supply_chain.__main__ import main

BASE = "debian:trixie-slim"
ACCOUNT, REGION = "222222222222", "eu-central-1"
REPOSITORY, TAG = "cdk-assets", "c0ffee"
ADDRESS = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:{TAG}"
BUCKET = "evidence"
CONTROL = (
    r"Package: wordpress\nSource: weblog (6.8.3-1)\nVersion: 6.8.3+dfsg1-0+deb13u1\nArchitecture: all\n"
    r"Description: weblog\n Version: 1\n"
)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An image that is pushed in a rehearsal, a cloud assembly that names it, and a build's environment."""
    cloud, found = Cloud(tmp_path / "moto.log"), engine.find()
    context = Context(tmp_path, found.docker, found.env, lambda _: None, cloud.secret)
    image = f"FROM {BASE}\nRUN mkdir /var/lib/dpkg/status.d && printf '{CONTROL}' > /var/lib/dpkg/status.d/wordpress\n"
    found("build", "--quiet", "--tag", context.local(ADDRESS), "-", stdin=image)
    destination = {
        "repositoryName": REPOSITORY,
        "imageTag": TAG,
        "region": REGION,
        "assumeRoleArn": f"arn:${{AWS::Partition}}:iam::{ACCOUNT}:role/publishing",
    }
    asset = {"source": {"directory": "x", "dockerFile": "base/Dockerfile"}, "destinations": {"dev": destination}}
    (tmp_path / "Dev.assets.json").write_text(json.dumps({"dockerImages": {TAG: asset}}))
    written = {"type": "cdk:asset-manifest", "properties": {"file": "Dev.assets.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Dev": written}}))
    write_wrapper(tmp_path / "docker", tmp_path / "pushed", context)
    monkeypatch.setenv("CDK_DOCKER", str(tmp_path / "docker"))
    for name, value in cloud.credentials("arn:aws:iam::111111111111:role/build", REGION).items():
        monkeypatch.setenv(name, value)
    cloud.client("s3", "111111111111", REGION).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    yield cloud
    found("image", "rm", context.local(ADDRESS))
    cloud.close()


def bill(folder: Path, to: str) -> int:
    words = ["sbom", "--assembly", str(folder), "--account", ACCOUNT, "--folder", str(folder / "sbom"), "--to", to]
    return main(words)


def test_bill_of_a_pushed_image_is_what_dpkg_says_in_it(published: Cloud, tmp_path: Path) -> None:
    assert bill(tmp_path, f"s3://{BUCKET}/gate/commit/sbom") == 0
    s3 = published.client("s3", "111111111111", REGION)
    kept = json.load(s3.get_object(Bucket=BUCKET, Key="gate/commit/sbom/base.cdx.json")["Body"])
    assert kept == json.loads((tmp_path / "sbom/base.cdx.json").read_text())
    assert kept["metadata"]["component"]["version"] == TAG
    packages = engine.find()("run", "--rm", "--network", "none", BASE, "dpkg-query", "--show")
    wanted = {tuple(line.replace(":amd64", "").split("\t")) for line in packages.splitlines()}
    wanted.add(("wordpress", "6.8.3+dfsg1-0+deb13u1"))
    parts = {(part["name"], part["version"]) for part in kept["components"] if part["type"] == "library"}
    assert parts == wanted
    addresses = {part["name"]: part["purl"] for part in kept["components"] if part["type"] == "library"}
    assert "upstream=glibc" in addresses["libc6"], addresses["libc6"]
    assert addresses["wordpress"].endswith("&upstream=weblog%406.8.3-1"), addresses["wordpress"]


@pytest.mark.usefixtures("published")
def test_image_that_is_not_there_fails_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = tmp_path / "Dev.assets.json"
    manifest.write_text(manifest.read_text().replace(TAG, "decade"))
    assert bill(tmp_path, f"s3://{BUCKET}/gate/commit/sbom") == 1
    assert "decade" in capsys.readouterr().err


@pytest.mark.usefixtures("published")
def test_bill_that_cannot_be_kept_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bill(tmp_path, "s3://no-such-bucket/gate/commit/sbom") == 1
    assert "could not be uploaded to s3://no-such-bucket/gate/commit/sbom" in capsys.readouterr().err
