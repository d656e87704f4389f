"""Compares what a commit would deploy with what a stage runs, and leaves it where the approver reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promotion.difference import Difference, package_lines, stack_change
from rehearsal.values.cloud_assembly import artifacts
from rehearsal.values.exits import Refused

_BILLS = ("wordpress", "nginx")


class Unreadable(Exception):
    """The assembly, a template or the evidence cannot be read or written."""


@dataclass(frozen=True)
class Synthesized:
    """A stack of the assembly: its name, where it is deployed, and its template."""

    name: str
    account: str
    region: str
    template: Mapping[str, Any]


def stacks_of(assembly: Path, stage: str) -> list[Synthesized]:
    """Return the stacks of a stage in a cloud assembly, in the order of its manifest. Raise ``Unreadable``."""
    found = []
    try:
        for folder, _, artifact in artifacts(assembly):
            if artifact["type"] != "aws:cloudformation:stack" or f"/{stage}/" not in artifact["displayName"]:
                continue
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            properties = artifact["properties"]
            template = json.loads((folder / properties["templateFile"]).read_text())
            found.append(Synthesized(properties["stackName"], account, region, template))
    except Refused as error:
        raise Unreadable(str(error)) from None
    except (OSError, ValueError, KeyError) as error:
        raise Unreadable(f"{assembly}: no cloud assembly: {error!r}") from None
    if not found:
        raise Unreadable(f"{assembly}: it has no stack of a stage {stage}")
    return found


class Reader:
    """Reads templates by a role of the stage's account, and bills of materials by the build's own rights."""

    def __init__(self, session: Any, role: str) -> None:
        from botocore.config import Config  # noqa: PLC0415 - a second of start-up that only this path needs

        self._session, self.role = session, role
        self._patience = Config(
            connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5}
        )

    def standing(self, stacks: Iterable[Synthesized]) -> dict[str, Mapping[str, Any] | None] | None:
        """Return the templates that stand, by the names of their stacks; None for one that is not there.

        None for all of it where nobody may read: so it is before the first deployment, which makes the role. Raise
        ``Unreadable``: what cannot be compared is not compared with nothing.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        try:
            taken = self._session.client("sts", config=self._patience).assume_role(
                RoleArn=self.role, RoleSessionName="floodgate-changes"
            )["Credentials"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                return None
            raise Unreadable(f"{self.role} cannot be assumed: {error}") from None
        except BotoCoreError as error:
            raise Unreadable(f"{self.role} cannot be assumed: {error}") from None
        found: dict[str, Mapping[str, Any] | None] = {}
        for stack in stacks:
            client = self._session.client(
                "cloudformation",
                region_name=stack.region,
                config=self._patience,
                aws_access_key_id=taken["AccessKeyId"],
                aws_secret_access_key=taken["SecretAccessKey"],
                aws_session_token=taken["SessionToken"],
            )
            try:
                body = client.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"]
                found[stack.name] = json.loads(body) if isinstance(body, str) else json.loads(json.dumps(body))
            except ClientError as error:
                if "does not exist" not in str(error):
                    raise Unreadable(f"the template of {stack.name} cannot be read: {error}") from None
                found[stack.name] = None
            except (BotoCoreError, ValueError) as error:
                raise Unreadable(f"the template of {stack.name} cannot be read: {error}") from None
        return found

    def packages(self, folder: str, commit: str) -> dict[str, dict[str, str]] | None:
        """Return ``image -> package -> version`` of a commit's bills below ``folder``; None where there is none."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        bucket, _, prefix = folder.removeprefix("s3://").partition("/")
        client, found = self._session.client("s3", config=self._patience), {}
        for image in _BILLS:
            key = f"{prefix}/{commit}/sbom/{image}.cdx.json"
            try:
                bill = json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read())
                parts = [each for each in bill.get("components", []) if each["type"] == "library"]
            except ClientError as error:
                # Without the right to list a bucket, a missing object is a denied one.
                if error.response["Error"]["Code"] in {"NoSuchKey", "AccessDenied", "404"}:
                    return None
                raise Unreadable(f"s3://{bucket}/{key} cannot be read: {error}") from None
            except (BotoCoreError, ValueError, KeyError) as error:
                raise Unreadable(f"s3://{bucket}/{key} cannot be read: {error}") from None
            found[image] = {each["name"]: each["version"] for each in parts}
        return found

    def keep(self, pages: Mapping[str, str], folder: str) -> None:
        """Leave pages of Markdown in a folder of the evidence. Raise ``Unreadable``."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        bucket, _, prefix = folder.removeprefix("s3://").partition("/")
        client = self._session.client("s3", config=self._patience)
        try:
            for name, text in pages.items():
                client.put_object(
                    Bucket=bucket,
                    Key=f"{prefix}/{name}",
                    Body=text.encode(),
                    ContentType="text/markdown; charset=utf-8",
                )
        except (BotoCoreError, ClientError) as error:
            raise Unreadable(f"{folder} cannot be written: {error}") from None


def commit_of(template: Mapping[str, Any] | None) -> str | None:
    """Return the commit that a site's template deploys; None where none says so."""
    for resource in (template or {}).get("Resources", {}).values():
        for container in resource.get("Properties", {}).get("ContainerDefinitions", []):
            for variable in container.get("Environment", []):
                if variable.get("Name") == "FLOODGATE_COMMIT":
                    return str(variable["Value"])
    return None


def compare(
    stacks: list[Synthesized], reader: Reader, *, allowed: Iterable[str], commit: str = "", bills: str = ""
) -> Difference:
    """Compare the stacks of a stage with what stands there, and the packages of ``commit`` where there are bills of it.

    Raise ``Unreadable``.
    """
    standing = reader.standing(stacks)
    if standing is None:
        unknown = [stack_change(stack.name, None, stack.template) for stack in stacks]
        return Difference(unknown, allowed=frozenset(allowed), unread=reader.role)
    changed = [stack_change(stack.name, standing.get(stack.name), stack.template) for stack in stacks]
    running = next(filter(None, (commit_of(template) for template in standing.values())), None)
    before = reader.packages(bills, running) if bills and running else None
    after = reader.packages(bills, commit) if before is not None else None
    packages = package_lines(before, after) if before is not None and after is not None else None
    return Difference(changed, packages, frozenset(allowed))
