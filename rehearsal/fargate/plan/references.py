"""Values that templates leave to run time: ECS secrets and CloudFormation's dynamic references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.fargate.plan.lookup import Found
from rehearsal.values.secret_reference import PARAMETER, Unreadable, fill, value

ReadSecret = Callable[[str, str, str], str]

# ARN, then optionally the JSON field, the version stage and the version id, as "Pass Secrets Manager secrets" in the
# ECS developer guide has them.
_VALUE_FROM = re.compile(
    r"(?P<arn>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+)(?::(?P<field>[^:]*):(?P<stage>[^:]*):(?P<version>[^:]*))?"
)


def secret_arn(value_from: str) -> str | None:
    """Return the secret's ARN in an ECS ``ValueFrom``, or None if it is not one of Secrets Manager."""
    match = _VALUE_FROM.fullmatch(value_from)
    return match["arn"] if match else None


def value_from(found: Found, name: str, reference: str, read: ReadSecret) -> str:
    """Return what ECS would inject for a container's secret ``name``."""
    if match := _VALUE_FROM.fullmatch(reference):
        return _filled(found, f"secret {name}", read, lambda secret: value(match, match["arn"], secret))
    account, region = found.stack.account, found.stack.region
    arn = f"arn:aws:ssm:{region}:{account}:parameter/{reference.removeprefix('/')}"
    arn = reference if reference.startswith("arn:") else arn
    if not PARAMETER.fullmatch(arn):
        raise found.fault(
            f"secret {name} has ValueFrom {reference!r}; ECS takes ARNs of Secrets Manager, as "
            "arn:…:secret:name-suffix:field::, and names and ARNs of parameters."
        )
    try:
        return read(account, region, arn)
    except KeyError:
        raise found.fault(f"secret {name} names the parameter {reference}, which does not exist.") from None


def resolve(found: Found, name: str, text: str, read: ReadSecret) -> str:
    """Return ``text`` with each ``{{resolve:secretsmanager:…}}`` replaced by its value."""
    resolved = _filled(found, name, read, lambda secret: fill(text, secret))
    if "{{resolve:" in resolved:
        raise found.fault(
            f"{name} holds a dynamic reference that the rehearsal cannot read; it reads secretsmanager only."
        )
    return resolved


# Where dynamic references are read: by type, the last keys on the way to the text.
_READ_AT = {
    "AWS::CloudFront::Distribution": (("OriginCustomHeaders", "HeaderValue"),),
    "AWS::ECS::TaskDefinition": (("Environment", "Value"),),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (
        ("Values",),
        ("RegexValues",),
        ("QueryStringConfig", "Values", "Value"),
    ),
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


def _references(place: Any, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(place, dict):
        for key, inner in place.items():
            yield from _references(inner, (*way, str(key)))
    elif isinstance(place, list):
        for inner in place:
            yield from _references(inner, way)
    elif isinstance(place, str) and "{{resolve:" in place:
        yield way


def _filled(found: Found, name: str, read: ReadSecret, fill: Callable[[Callable[[str], str]], str]) -> str:
    """Return what ``fill`` makes with what reads a secret of the stack's account and region."""
    stack = found.stack
    try:
        return fill(lambda secret: read(stack.account, stack.region, secret))
    except Unreadable as reason:
        raise found.fault(f"{name} {reason}.") from None
