"""What services refuse of the calls that EventBridge Scheduler makes for a template, its universal targets.

Scheduler keeps whatever a template says of such a call, and asks the service when it is due: a request that the service
refuses is never carried out, long after the deployment that could have said so. botocore's models say what a service
takes: "Universal targets" in the user guide of EventBridge Scheduler tells how it spells that.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import botocore.session
import regex
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationNotFoundError, ServiceModel, Shape, StructureShape

from rehearsal.values.as_written import Properties, known
from rehearsal.values.schema_node import compiled

_UNIVERSAL: Final = re.compile(r"arn:[^:]+:scheduler:::aws-sdk:(?P<service>\w+):(?P<action>\w+)")
_PARTITION: Final = {"Ref": "AWS::Partition"}
# What EventBridge Scheduler calls a service otherwise than boto3.
_SERVICES: Final[Mapping[str, str]] = {"elasticloadbalancingv2": "elbv2"}
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    **dict.fromkeys(("structure", "map"), (dict,)),
    **dict.fromkeys(("integer", "long"), (int,)),
    **dict.fromkeys(("float", "double"), (int, float)),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
}


def schedule(properties: Properties) -> Iterator[str]:
    """Yield what the service that a schedule calls refuses in the call; one that is disabled calls nothing."""
    target = properties.get("Target")
    if properties.get("State") == "DISABLED":
        return
    if not isinstance(target, Mapping) or not (match := _UNIVERSAL.fullmatch(_arn(target.get("Arn")))):
        return
    model = service_model(match["service"])
    if model is None:
        return
    try:
        shape = model.operation_model(operation_name(match["action"])).input_shape
    except OperationNotFoundError:
        yield f"Target.Arn calls {match['action']}, which {match['service']} does not have"
        return
    written = target.get("Input", "{}")
    if not known(written):
        return
    try:
        request = json.loads(written)
    except ValueError:
        yield "Target.Input is no JSON"
        return
    yield from _refused(shape, request, "Target.Input") if shape else ()


def operation_name(action: str) -> str:
    """Return an action of a universal target as botocore spells it."""
    return action[0].upper() + action[1:]


def service_name(service: str) -> str:
    """Return a service of a universal target as boto3 spells it."""
    return _SERVICES.get(service, service)


@functools.cache
def service_model(service: str) -> ServiceModel | None:
    """Return what botocore knows of a service of universal targets; None where it has none of that name."""
    try:
        return botocore.session.get_session().get_service_model(service_name(service))
    except UnknownServiceError:
        return None


def members(shape: StructureShape) -> dict[str, str]:
    """Return the names of a request's parts: Scheduler's differ from botocore's in their capitals alone."""
    return {name.lower(): name for name in shape.members}


def _arn(value: Any) -> str:
    """Return a target's ARN, whose partition may be known at the deployment alone."""
    if isinstance(value, Mapping) and isinstance(joined := value.get("Fn::Join"), list):
        parts = ["aws" if part == _PARTITION else part for part in joined[1]]
        return str(joined[0]).join(parts) if all(isinstance(part, str) for part in parts) else ""
    return value if isinstance(value, str) else ""


def _refused(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """Yield what a service refuses in a part of a request: kinds, names, lengths, bounds, and characters."""
    kinds = _KINDS.get(shape.type_name)
    if kinds is None:
        return
    if type(value) not in kinds:
        yield f"{where} is {value!r}, and no {shape.type_name}"
    elif isinstance(shape, StructureShape):
        yield from _structure(shape, value, where)
    elif isinstance(shape, ListShape):
        yield from bounded(shape, len(value), f"{where} has {len(value)} items")
        for index, each in enumerate(value):
            yield from _refused(shape.member, each, f"{where}.{index}")
    elif isinstance(shape, MapShape):
        for key, each in value.items():
            yield from _refused(shape.value, each, f"{where}.{key}")
    elif shape.type_name == "string":
        yield from _text(shape, value, where)
    elif shape.type_name != "boolean":
        yield from bounded(shape, value, f"{where} is {value}")


def _structure(shape: StructureShape, value: Mapping[str, Any], where: str) -> Iterator[str]:
    names = members(shape)
    parts = {names.get(name.lower(), ""): (name, each) for name, each in value.items()}
    for name in value:
        if name.lower() not in names:
            yield f"{where} has {name}, which the call does not have; {', '.join(sorted(shape.members))} are known"
    for name in shape.required_members:
        if name not in parts:
            yield f"{where} has no {name}, which the call needs"
    for name, (spelt, each) in parts.items():
        if name:
            yield from _refused(shape.members[name], each, f"{where}.{spelt}")


def _text(shape: Shape, value: str, where: str) -> Iterator[str]:
    if not known(value):
        return
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield f"{where} is {value!r}; {', '.join(allowed)} are allowed"
    yield from text_faults(shape, value, where)


def text_faults(shape: Shape, value: str, where: str) -> Iterator[str]:
    """Yield what is wrong with the length of a text, and with its characters."""
    yield from bounded(shape, len(value), f"{where} has {len(value)} characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield f"{where} is {value!r}; the service takes {pattern}"


def _matches(pattern: str, value: str) -> bool:
    # The models' expressions are Java's: one that cannot be read here, of some five thousand five, judges nothing.
    try:
        return compiled(pattern).fullmatch(value) is not None
    except regex.error:
        return True


def bounded(shape: Shape, number: float, what: str) -> Iterator[str]:
    """Yield ``what``, where a number or a length is beyond the bounds of its shape."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        yield f"{what}; {least} is the least"
    if most is not None and number > most:
        yield f"{what}; {most} is the most"
