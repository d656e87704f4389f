"""The images that a commit deploys: which they are, by the asset manifests of ``cdk.out``, and what is in them.

An image is read where it was pushed to, with the role that pushed it, by the container engine's client (``CDK_DOCKER``
names another one than ``docker``, as for cdk-assets).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.values.cloud_assembly import artifacts
from rehearsal.values.exits import Refused
from supply_chain import bill
from supply_chain.errors import BadInput

# The longest that one image may take to be pulled and read.
_SECONDS = 600
# How often a call is tried, the first time among them: botocore's own default has changed before.
_PATIENCE = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4})


class Unreadable(Exception):
    """An image could not be read or its bill not be kept; the message says why."""


@dataclass(frozen=True)
class Image:
    """A published image: what it is called after the folder of its Dockerfile, and where it is, by whose right."""

    name: str
    account: str
    region: str
    repository: str
    tag: str
    role: str

    @property
    def registry(self) -> str:
        """The host that it is pulled from."""
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"

    @property
    def address(self) -> str:
        """What an engine calls it."""
        return f"{self.registry}/{self.repository}:{self.tag}"


def published(assembly: Path, accounts: Sequence[str]) -> list[Image]:
    """Return the images of a cloud assembly, each once, in the first of the accounts that it is published to.

    Raise ``BadInput`` where there is none, or one that is published to none of the accounts.
    """
    places: dict[str, list[Image]] = {}
    try:
        manifests = [
            folder / artifact["properties"]["file"]
            for folder, _, artifact in artifacts(assembly.resolve())
            if artifact["type"] == "cdk:asset-manifest"
        ]
    except Refused:  # not synthesized: there is none that names an image
        manifests = []
    for manifest in manifests:
        for asset in json.loads(manifest.read_text(encoding="utf-8")).get("dockerImages", {}).values():
            for image in _destinations(asset):
                places.setdefault(image.tag, []).append(image)
    if not places:
        raise BadInput(f"{assembly}: no asset manifest in it names an image; synthesize it: make synth")
    return [_in_first(candidates, accounts) for candidates in places.values()]


def read(image: Image, *, client: Sequence[str]) -> bill.Contents:
    """Ask an image what is in it. Raise ``Unreadable`` and ``BadInput``."""
    return contents(image.name, image.address, client=client)


def contents(name: str, address: str, *, client: Sequence[str]) -> bill.Contents:
    """Ask a shell in an image, which reaches nothing, what is in it. Raise ``Unreadable`` and ``BadInput``."""
    alone = ["--rm", "--network", "none", "--read-only", "--entrypoint", "/bin/sh"]
    answer = run([*client, "run", *alone, address, "-c", bill.QUERY])
    try:
        return bill.read(answer)
    except ValueError as error:
        raise BadInput(f"the image {name} does not say what is in it: {error}. Build it from Debian") from None


def sign_in(image: Image, *, client: Sequence[str]) -> None:
    """Let the client pull from the image's registry, by the role that pushed it there. Raise ``Unreadable``."""
    try:
        sts = boto3.client("sts", region_name=image.region, config=_PATIENCE)
        keys = sts.assume_role(RoleArn=image.role, RoleSessionName="sbom")["Credentials"]
        ecr = boto3.client(
            "ecr",
            region_name=image.region,
            config=_PATIENCE,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        [granted] = ecr.get_authorization_token()["authorizationData"]
    except (BotoCoreError, ClientError) as error:
        raise Unreadable(f"{image.address}: no right to pull it: {error}") from None
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    run([*client, "login", "--username", user, "--password-stdin", image.registry], text=password)


def keep(files: Sequence[Path], to: str) -> None:
    """Upload bills under ``to`` (s3://bucket/prefix). Raise ``Unreadable``."""
    bucket, _, prefix = to.removeprefix("s3://").partition("/")
    try:
        s3 = boto3.client("s3", config=_PATIENCE)
        for file in files:
            kind = {"ContentType": "application/vnd.cyclonedx+json"}
            s3.upload_file(str(file), bucket, f"{prefix}/{file.name}", ExtraArgs=kind)
    except (BotoCoreError, ClientError, S3UploadFailedError) as error:
        raise Unreadable(f"the bills could not be uploaded to {to}: {error}") from None


def engine() -> list[str]:
    """Return the container engine's client."""
    return [os.environ.get("CDK_DOCKER", "docker")]


def _destinations(asset: Mapping[str, Any]) -> Iterator[Image]:
    source = asset["source"]
    name = PurePosixPath(source.get("dockerFile", "Dockerfile")).parent.name or Path(source["directory"]).name
    for place in asset["destinations"].values():
        partition = boto3.Session().get_partition_for_region(place["region"])
        role = place["assumeRoleArn"].replace("${AWS::Partition}", partition)
        yield Image(name, role.split(":")[4], place["region"], place["repositoryName"], place["imageTag"], role)


def _in_first(candidates: Sequence[Image], accounts: Sequence[str]) -> Image:
    for account in accounts:
        for image in candidates:
            if image.account == account:
                return image
    known = ", ".join(sorted({image.account for image in candidates}))
    raise BadInput(f"the image {candidates[0].name} is published to {known}, and not to {', '.join(accounts)}")


def run(command: Sequence[str], text: str | None = None, *, seconds: float = _SECONDS) -> str:
    """Call the engine's client, and return what it prints. Raise ``Unreadable``."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=seconds)
    except OSError as error:
        raise Unreadable(f"{command[0]}: no container engine: {error}") from None
    except subprocess.TimeoutExpired:
        raise Unreadable(f"{command[0]} {command[1]}: no end in {seconds:.0f} s") from None
    if done.returncode:
        raise Unreadable(f"{command[0]} {command[1]}: {done.stderr.strip()[-500:]}")
    return done.stdout
