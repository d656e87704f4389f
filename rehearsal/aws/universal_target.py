"""The calls of AWS's API that schedules have made, made in the emulated AWS: so that it tells what stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name
from botocore.model import Shape, StructureShape

from rehearsal.fargate.desired.key import Key
from rehearsal.values.schedule_rules import members, operation_name, service_name

# What moto 5.2.5 does not have.
_UNKNOWN = frozenset({"elasticloadbalancingv2:modifyCapacityReservation"})


def call(client: Callable[[str, str, str], Any], resource: Key, operation: str, request: Mapping[str, Any]) -> None:
    """Make a call that is about a resource; one that the emulated AWS does not know changes nothing there."""
    if operation in _UNKNOWN:
        return
    service, _, action = operation.partition(":")
    found = client(service_name(service), resource.account, resource.region)
    name = operation_name(action)
    shape = found.meta.service_model.operation_model(name).input_shape
    getattr(found, xform_name(name))(**_named(shape, request))


def _named(shape: Shape, value: Any) -> Any:
    """Return a request under boto3's names, which differ from EventBridge Scheduler's in their capitals."""
    if not isinstance(shape, StructureShape) or not isinstance(value, Mapping):
        return value
    names = members(shape)
    return {names[name.lower()]: _named(shape.members[names[name.lower()]], each) for name, each in value.items()}
