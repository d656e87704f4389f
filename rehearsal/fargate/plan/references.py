"""Values that templates leave to run time: ECS secrets and CloudFormation's dynamic references, by Secrets Manager."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.fargate.plan.lookup import Found

ReadSecret = Callable[[str, str, str], str]

# ARN, then optionally the JSON field, the version stage and the version id, as "Pass Secrets Manager secrets" in the
# ECS developer guide has them.
_VALUE_FROM = re.compile(
    r"(?P<arn>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+)(?::(?P<field>[^:]*):(?P<stage>[^:]*):(?P<version>[^:]*))?"
)
_DYNAMIC = re.compile(
    r"\{\{resolve:secretsmanager:(?P<id>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:}]+|[^:}]+)"
    r"(?::SecretString(?::(?P<field>[^:}]*)(?::(?P<stage>[^:}]*)(?::(?P<version>[^:}]*))?)?)?)?\}\}"
)


def secret_arn(value_from: str) -> str | None:
    """Return the secret's ARN in an ECS ``ValueFrom``, or None if it is not one of Secrets Manager."""
    match = _VALUE_FROM.fullmatch(value_from)
    return match["arn"] if match else None


def value_from(found: Found, name: str, reference: str, read: ReadSecret) -> str:
    """Return what ECS would inject for a container's secret ``name``."""
    match = _VALUE_FROM.fullmatch(reference)
    if match is None:
        raise found.fault(
            f"secret {name} has ValueFrom {reference!r}; the rehearsal reads Secrets Manager ARNs, "
            f"as arn:…:secret:name-suffix:field::."
        )
    return _read(found, f"secret {name}", match, match["arn"], read)


def resolve(found: Found, name: str, text: str, read: ReadSecret) -> str:
    """Return ``text`` with each ``{{resolve:secretsmanager:…}}`` replaced by its value."""
    resolved = _DYNAMIC.sub(lambda match: _read(found, name, match, match["id"], read), text)
    if "{{resolve:" in resolved:
        raise found.fault(
            f"{name} holds a dynamic reference that the rehearsal cannot read; it reads secretsmanager only."
        )
    return resolved


# Where dynamic references are read: by type, the last keys on the way to the text.
_READ_AT = {
    "AWS::CloudFront::Distribution": (("OriginCustomHeaders", "HeaderValue"),),
    "AWS::ECS::TaskDefinition": (("Environment", "Value"),),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (("Values",), ("RegexValues",)),
    "AWS::RDS::DBCluster": (("MasterUsername",), ("MasterUserPassword",)),
    "AWS::WAFv2::WebACL": (("ByteMatchStatement", "SearchString"),),
}


def check_references(found: Found) -> None:
    """Raise PlanError at a dynamic reference that would be taken for a text, since nothing here reads it there."""
    for way in _references(found.properties, ()):
        if not any(way[-len(read) :] == read for read in _READ_AT.get(found.resource.type, ())):
            raise found.fault(
                f"{'.'.join(way)} holds a dynamic reference; CloudFormation reads it there, the rehearsal does not."
            )


def _references(value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _references(inner, (*way, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner, way)
    elif isinstance(value, str) and "{{resolve:" in value:
        yield way


def _read(found: Found, name: str, match: re.Match[str], secret: str, read: ReadSecret) -> str:
    if match["stage"] not in (None, "", "AWSCURRENT") or match["version"]:
        raise found.fault(f"{name} asks for a version of the secret {secret}; the rehearsal has the current one only.")
    try:
        text = read(found.stack.account, found.stack.region, secret)
    except KeyError:
        raise found.fault(f"{name} names the secret {secret}, which does not exist.") from None
    field = match["field"]
    if not field:
        return text
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or field not in fields:
        has = ", ".join(sorted(fields)) if isinstance(fields, dict) else "no JSON fields"
        raise found.fault(f"{name} wants the field {field!r} of the secret {secret}, which has {has}.")
    value = fields[field]
    return value if isinstance(value, str) else json.dumps(value)
