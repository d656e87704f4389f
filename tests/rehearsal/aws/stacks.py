"""Small stacks for the emulated CloudFormation."""

from __future__ import annotations

from typing import Any

from rehearsal.values.stack import Stack
from tests.rehearsal.conftest import deploy

REGION = "eu-central-1"


def put(template: dict[str, Any], account: str, name: str = "stack", **parameters: str) -> Stack:
    """Deploy a template: the stack's first, or its next."""
    return deploy(template, account=account, region=REGION, name=name, parameters=parameters)


def of(**resources: dict[str, Any]) -> dict[str, Any]:
    """Return a template of these resources."""
    return {"Resources": resources}


def a(resource_type: str, policies: Any = None, **properties: Any) -> dict[str, Any]:
    """Return a resource; ``policies`` are a mapping of what stands beside its properties."""
    return {"Type": resource_type, "Properties": properties, **(policies or {})}
