"""Names in the container engine: readable, lasting between deployments, and unlike those of any other checkout."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from typing import Any

from containers.checkout import Context
from rehearsal.fargate.desired.key import Key

# With the prefix, two hashes and the separators a name stays below DNS's 63 characters.
_LONGEST_STACK, _LONGEST_RESOURCE = 24, 10


def digest(value: object, length: int = 10) -> str:
    """Return a short fingerprint of plain values, the same for equal ones."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:length]


def fingerprint(value: Any) -> str:
    """Return a fingerprint of a plan value with all that it holds, secrets included."""
    return digest(asdict(value), 16)


def slug(text: str, longest: int = _LONGEST_STACK + _LONGEST_RESOURCE) -> str:
    """Return ``text`` as the engine allows it in a name, cut to a length."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-")


def resource_name(ctx: Context, key: Key) -> str:
    """Return the name of what stands for a resource."""
    stack, resource = slug(key.stack, _LONGEST_STACK), slug(key.short, _LONGEST_RESOURCE)
    return f"{ctx.prefix}-{stack}-{resource}-{digest(str(key), 6)}"


def network_name(ctx: Context, network: str) -> str:
    """Return the name of a VPC's container network."""
    return f"{ctx.prefix}-{slug(network.split('/', 2)[-1])}-{digest(network, 6)}"
