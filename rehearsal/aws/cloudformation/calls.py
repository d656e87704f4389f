"""Calls a service's API with what stands in a template, whose names and values are written a little differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.values.template_values import number, whole


def call(client: Any, operation: str, properties: Mapping[str, Any], **overrides: Any) -> Any:
    """Call ``operation`` (a boto3 method's name) with a template's properties, ``overrides`` put over them.

    Templates write ``PascalCase`` and sometimes text for numbers; APIs differ. The operation's own model says how each
    name and value is written. Raise ValueError for a property that the API does not know.
    """
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    if unknown := {key.lower() for key in properties} - {member.lower() for member in shape.members}:
        names = ", ".join(key for key in properties if key.lower() in unknown)
        raise ValueError(
            f"{names}: the rehearsal does not know how CloudFormation sets it, {operation} has no such name"
        )
    return getattr(client, operation)(**{**_fit(shape, properties), **overrides})


def _fit(shape: Any, value: Any) -> Any:  # noqa: PLR0911 - JSON and botocore's shapes; one case per kind of shape
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        names = {member.lower(): member for member in shape.members}
        members = {names.get(key.lower(), key): item for key, item in value.items()}
        return {key: _fit(shape.members.get(key), item) for key, item in members.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_fit(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, list):
        return {tag["Key"]: tag["Value"] for tag in value}
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: _fit(shape.value, item) for key, item in value.items()}
    if shape.type_name in {"integer", "long"} and isinstance(value, str):
        return whole(value)
    if shape.type_name in {"float", "double"} and isinstance(value, str):
        return number(value)
    if shape.type_name == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if shape.type_name == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def without(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the properties without those that the emulated service has no use for."""
    return {key: value for key, value in properties.items() if key not in names}
