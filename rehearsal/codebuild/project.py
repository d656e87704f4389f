"""A CodeBuild project as CloudFormation deployed it, and the environment variables of one of its builds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.codebuild import known
from rehearsal.codebuild.buildspec import BuildSpec
from rehearsal.values import honoured, resource_schema
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource

# Minutes: CodeBuild's own.
_DEFAULT_TIMEOUT = 60

# What of a local cache keeps the folders that a build spec names; its other modes keep sources and images' layers.
_FOLDERS = "LOCAL_CUSTOM_CACHE"
_KINDS = ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")


@dataclass(frozen=True)
class Variable:
    """One environment variable of a project or an action: ``kind`` is PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER."""

    name: str
    value: str
    kind: str = "PLAINTEXT"


@dataclass(frozen=True)
class Project:
    """What a build takes from its project; ``timeout`` is in minutes, ``key`` is what encrypts its artifacts."""

    name: str
    arn: str
    account: str
    region: str
    role: str
    image: str
    key: str
    source: Mapping[str, Any]
    source_version: str | None
    variables: tuple[Variable, ...]
    privileged: bool
    cached: bool
    timeout: float


def read(resource: Resource, account: str, region: str) -> Project:
    """Read the project that a resource of type ``AWS::CodeBuild::Project`` describes."""
    properties = resource.properties
    for fault in (
        *resource_schema.faults(resource.type, properties, resolved=True),
        *honoured.faults(known.PROPERTIES, resource.type, properties),
        *_strangers(properties),
    ):
        raise ActionFailed(f"the project {resource.physical_id}: {fault}")
    return Project(
        name=resource.physical_id,
        arn=f"arn:aws:codebuild:{region}:{account}:project/{resource.physical_id}",
        account=account,
        region=region,
        role=properties["ServiceRole"],
        image=properties["Environment"]["Image"],
        key=properties.get("EncryptionKey", f"arn:aws:kms:{region}:{account}:alias/aws/s3"),
        source=properties["Source"],
        source_version=properties.get("SourceVersion"),
        variables=tuple(
            Variable(entry["Name"], str(entry["Value"]), entry.get("Type", "PLAINTEXT"))
            for entry in properties["Environment"].get("EnvironmentVariables", [])
        ),
        privileged=str(properties["Environment"].get("PrivilegedMode", False)).lower() == "true",
        cached=_is_cached(properties.get("Cache", {}), in_network="VpcConfig" in properties),
        timeout=float(properties.get("TimeoutInMinutes", _DEFAULT_TIMEOUT)),
    )


def _is_cached(cache: Mapping[str, Any], *, in_network: bool) -> bool:
    """Return whether folders are kept from build to build: on a host only for builds that are in no VPC."""
    on_host = cache.get("Type") == "LOCAL" and _FOLDERS in cache.get("Modes", ()) and not in_network
    return cache.get("Type") == "S3" or on_host


def _strangers(properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield what CodeBuild enumerates and CloudFormation does not, where it is not rehearsed."""
    for place, allowed in known.VALUES.items():
        section, _, key = place.partition(".")
        if (value := str(properties[section].get(key))) not in allowed:
            yield f"{place} is {value!r}; the rehearsal honours {', '.join(sorted(allowed))}"
    cache = properties.get("Cache", {})
    if cache.get("Type") == "S3" and not cache.get("Location"):
        yield "Cache.Type is S3, and Cache has no Location"


def overrides(text: str | None) -> tuple[Variable, ...]:
    """Read an action's ``EnvironmentVariables``: a JSON list of name, value and type.

    Raise ``ActionFailed`` where it is of another form.
    """
    entries = json.loads(text or "[]")
    for entry in entries if isinstance(entries, list) else [entries]:
        is_one = isinstance(entry, dict) and {"name", "value"} <= set(entry) <= {"name", "value", "type"}
        if not isinstance(entries, list) or not is_one:
            raise ActionFailed(
                f"EnvironmentVariables has {json.dumps(entry)}; a list of name, value and type is wanted"
            )
        if (kind := entry.get("type", _KINDS[0])) not in _KINDS:
            raise ActionFailed(
                f"EnvironmentVariables: {entry['name']} is of the type {kind}; known are {', '.join(_KINDS)}"
            )
    return tuple(Variable(entry["name"], str(entry["value"]), entry.get("type", _KINDS[0])) for entry in entries)


def variables(
    spec: BuildSpec,
    project: Iterable[Variable],
    action: Iterable[Variable],
    *,
    parameter: Callable[[str], str],
    secret: Callable[[str], str],
) -> dict[str, str]:
    """Return the variables of one build: the action's over the project's over the build spec's, each resolved.

    ``parameter`` reads the parameter store and ``secret`` Secrets Manager, both by name; they raise ``KeyError``.
    """
    chosen = {name: Variable(name, text) for name, text in spec.variables.items()}
    chosen |= {name: Variable(name, text, "PARAMETER_STORE") for name, text in spec.parameters.items()}
    chosen |= {name: Variable(name, text, "SECRETS_MANAGER") for name, text in spec.secrets.items()}
    for variable in (*project, *action):
        chosen[variable.name] = variable
    return {name: _resolved(variable, parameter, secret) for name, variable in chosen.items()}


def _resolved(variable: Variable, parameter: Callable[[str], str], secret: Callable[[str], str]) -> str:
    try:
        if variable.kind == "PLAINTEXT":
            return variable.value
        if variable.kind == "PARAMETER_STORE":
            return parameter(variable.value)
        if variable.kind == "SECRETS_MANAGER":
            identity, field = _secret_parts(variable.value)
            text = secret(identity)
            return str(json.loads(text)[field]) if field else text
    except KeyError as error:
        raise ActionFailed(f"the variable {variable.name} ({variable.kind}): there is no {error}") from None
    raise ActionFailed(f"the variable {variable.name} has the type {variable.kind}, which CodeBuild does not know")


def _secret_parts(reference: str) -> tuple[str, str]:
    """Split ``ID:FIELD:STAGE:VERSION``, where an ID may be an ARN of seven parts; only the current version is known."""
    parts = reference.split(":")
    size = 7 if reference.startswith("arn:") else 1
    identity, rest = ":".join(parts[:size]), parts[size:]
    if any(rest[1:]) and rest[1:] != ["AWSCURRENT"]:
        raise ActionFailed(f"{reference}: only a secret's current version is rehearsed")
    return identity, rest[0] if rest else ""
