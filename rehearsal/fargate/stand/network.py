"""Container networks: one for each VPC."""

from __future__ import annotations

from containers.client import Client
from rehearsal.fargate.task.names import network_name


def ensure_network(client: Client, network: str) -> str:
    """Return the name of the container network for a VPC; make it when it is not there."""
    name = network_name(client.ctx, network)
    if not client.inspect("network", name):
        client("network", "create", *client.labels("network", resource=network), name)
    return name
