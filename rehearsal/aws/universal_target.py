"""The calls of AWS's API that schedules have made, made in the emulated AWS: so that it tells what stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name
from botocore.model import Shape, StructureShape

from rehearsal.fargate.desired.key import Key

# What EventBridge Scheduler calls a service otherwise than boto3.
_SERVICES = {"elasticloadbalancingv2": "elbv2"}
# What moto 5.2.5 does not have.
_UNKNOWN = frozenset({"elasticloadbalancingv2:modifyCapacityReservation"})


def call(client: Callable[[str, str, str], Any], resource: Key, operation: str, request: Mapping[str, Any]) -> None:
    """Make a call that is about a resource; one that the emulated AWS does not know changes nothing there."""
    if operation in _UNKNOWN:
        return
    service, _, action = operation.partition(":")
    found = client(_SERVICES.get(service, service), resource.account, resource.region)
    name = action[0].upper() + action[1:]
    shape = found.meta.service_model.operation_model(name).input_shape
    getattr(found, xform_name(name))(**_named(shape, request))


def _named(shape: Shape, value: Any) -> Any:
    """Return a request under boto3's names, which differ from EventBridge Scheduler's in their capitals."""
    if not isinstance(shape, StructureShape) or not isinstance(value, Mapping):
        return value
    members = {name.lower(): name for name in shape.members}
    return {members[name.lower()]: _named(shape.members[members[name.lower()]], each) for name, each in value.items()}
