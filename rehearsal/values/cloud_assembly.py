"""Reads a cloud assembly (``cdk.out``): its stacks, and what it expects to find bootstrapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.values.exits import Refused

_VPC, _SUBNET = (re.compile(rf"{kind}-[0-9a-f]{{8,17}}") for kind in ("vpc", "subnet"))
# A container's secret by its name: an ARN that a stack has made is a reference, and no text.
_SECRET = re.compile(r"arn:aws:secretsmanager:[^:]+:[^:]+:secret:(?P<name>[^:]+):(?P<field>[^:]+)::")
_PLACEHOLDERS = (("${AWS::Partition}", "aws"),)


@dataclass(frozen=True)
class StackArtifact:
    """One stack of an assembly: its name, its environment, and the file of its template."""

    name: str
    account: str
    region: str
    template: Path

    def read(self) -> dict[str, Any]:
        """Read the template as CloudFormation gets it."""
        template: dict[str, Any] = json.loads(self.template.read_text())
        return template


@dataclass(frozen=True)
class Bootstrapped:
    """One thing that stands before anything is deployed: by ``cdk bootstrap``, or because the team brings it.

    ``kind`` is parameter, bucket, repository or role, and ``name`` its name; or vpc with its id, subnet with
    ``VPC/SUBNET/NUMBER OF ITS ZONE``, hosted-zone with ``ID/DOMAIN``, or secret with ``NAME:FIELD,FIELD``.
    """

    account: str
    region: str
    kind: str
    name: str


def stacks(folder: Path) -> list[StackArtifact]:
    """Return every stack of the assembly in ``folder`` and of the assemblies nested in it.

    Raise ``Refused`` where there is no assembly, or where a stack leaves its account or region open: a pipeline
    deploys to named ones.
    """
    return [
        StackArtifact(
            name=artifact["properties"].get("stackName", identity),
            account=_environment(identity, artifact)[0],
            region=_environment(identity, artifact)[1],
            template=where / artifact["properties"]["templateFile"],
        )
        for where, identity, artifact in artifacts(folder)
        if artifact["type"] == "aws:cloudformation:stack"
    ]


def artifacts(folder: Path) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Yield each artifact of an assembly and of those nested in it: its folder, its identity, and what is said of it.

    What no manifest names is what an earlier synthesis left behind: CDK clears no folder. Raise ``Refused``.
    """
    manifest = folder / "manifest.json"
    if not manifest.exists():
        raise Refused(f"{folder} is no cloud assembly: it has no manifest.json")
    for identity, artifact in json.loads(manifest.read_text())["artifacts"].items():
        if artifact["type"] == "cdk:cloud-assembly":
            yield from artifacts(folder / artifact["properties"]["directoryName"])
        else:
            yield folder, identity, artifact


def expects(folder: Path) -> list[Bootstrapped]:
    """Return what the stacks and the asset manifests in ``folder`` find standing, each once."""
    found: dict[Bootstrapped, None] = {}
    for where, identity, artifact in artifacts(folder):
        if artifact["type"] == "aws:cloudformation:stack":
            account, region = _environment(identity, artifact)
            properties = artifact["properties"]
            if parameter := properties.get("bootstrapStackVersionSsmParameter"):
                found[Bootstrapped(account, region, "parameter", parameter)] = None
            for key in ("assumeRoleArn", "cloudFormationExecutionRoleArn"):
                if arn := properties.get(key):
                    found[_role(arn, account, region)] = None
            template = json.loads((where / properties["templateFile"]).read_text())
            found.update(dict.fromkeys(brought(account, region, template["Resources"])))
            if lookup := properties.get("lookupRole", {}).get("arn"):
                found[_role(lookup, account, region)] = None
        elif artifact["type"] == "cdk:asset-manifest":
            manifest = json.loads((where / artifact["properties"]["file"]).read_text())
            found.update(dict.fromkeys(_destinations(manifest)))
    return list(found)


def brought(account: str, region: str, resources: Mapping[str, Any]) -> Iterator[Bootstrapped]:
    """Yield what a template names by its identity: VPC, subnets and hosted zones, and secrets that containers read."""
    fields: dict[str, set[str]] = {}
    subnets: dict[str, int] = {}
    vpcs: dict[str, None] = {}
    for path, text in _texts(resources):
        if _VPC.fullmatch(text):
            vpcs[text] = None
        elif _SUBNET.fullmatch(text):
            # Lists of subnets go by zone.
            subnets[text] = max(subnets.get(text, 0), next((step for step in path[::-1] if isinstance(step, int)), 0))
        elif secret := _SECRET.fullmatch(text):
            fields.setdefault(secret["name"], set()).add(secret["field"])
    for name, wanted in fields.items():
        yield Bootstrapped(account, region, "secret", f"{name}:{','.join(sorted(wanted))}")
    for vpc in vpcs:
        yield Bootstrapped(account, region, "vpc", vpc)
    if len(vpcs) == 1:
        [vpc] = vpcs
        for subnet, number in subnets.items():
            yield Bootstrapped(account, region, "subnet", f"{vpc}/{subnet}/{number}")
    for resource in resources.values():
        zone = resource.get("Properties", {}).get("HostedZoneId")
        if resource["Type"] == "AWS::Route53::RecordSet" and isinstance(zone, str):
            domain = ".".join(str(resource["Properties"]["Name"]).rstrip(".").split(".")[-2:])
            yield Bootstrapped(account, region, "hosted-zone", f"{zone}/{domain}")


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, str):
        yield path, value


def _destinations(manifest: dict[str, Any]) -> Iterator[Bootstrapped]:
    for section, kind, key in (("files", "bucket", "bucketName"), ("dockerImages", "repository", "repositoryName")):
        for asset in manifest.get(section, {}).values():
            for destination in asset["destinations"].values():
                role = _resolved(destination["assumeRoleArn"])
                account, region = role.split(":")[4], destination["region"]
                yield Bootstrapped(account, region, kind, destination[key])
                yield _role(role, account, region)


def _role(arn: str, account: str, region: str) -> Bootstrapped:
    return Bootstrapped(account, region, "role", _resolved(arn).partition(":role/")[2])


def _resolved(text: str) -> str:
    for placeholder, value in _PLACEHOLDERS:
        text = text.replace(placeholder, value)
    return text


def _environment(identity: str, artifact: dict[str, Any]) -> tuple[str, str]:
    account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
    if account.startswith("unknown") or region.startswith("unknown"):
        raise Refused(f"the stack {identity} names no account or no region: give it an environment")
    return account, region
