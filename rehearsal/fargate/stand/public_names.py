"""What leads to load balancers and distributions by name: addresses of this machine's loopback, and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from containers.checkout import Context
from containers.client import RESOURCE, ROLE, Client
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.plan.dns import leads
from rehearsal.fargate.task.names import digest
from rehearsal.values.stack import World

# Where each kind of them has its certificate; a front's firewall shows its own in the front's place.
_CERTIFICATES = {
    "balancer": "/etc/haproxy/listener.pem",
    "front": "/run/front/certificate.pem",
    "firewall": "/etc/haproxy/listener.pem",
}


@dataclass(frozen=True)
class PublicNames:
    """An address for each public name, and the certificates that are served there."""

    addresses: Mapping[str, str]
    certificates: tuple[str, ...]


def public_address(client: Client, key: Key) -> str:
    """Return the address of this machine's loopback to which the public names of a resource lead."""
    number = int(digest([client.ctx.prefix, str(key)], 6), 16)
    return f"127.{1 + number % 250}.{number // 250 % 250}.{1 + number // 62500 % 250}"


def public_names(ctx: Context, world: World) -> PublicNames:
    """Return the public names of what stands for a checkout; a name that leads to nothing that stands is left out."""
    led = leads(world)
    if not led:
        return PublicNames({}, ())  # nothing is asked of the engine
    client = Client(ctx)
    found = [(each["Config"]["Labels"], each["Id"]) for each in client.containers()]
    standing = {
        labels[RESOURCE]: (role, container)
        for role in _CERTIFICATES
        for labels, container in found
        if labels[ROLE] == role
    }
    certificates = []
    for resource in dict.fromkeys(str(key) for key in led.values() if str(key) in standing):
        role, container = standing[resource]
        certificates.append(client("exec", container, "openssl", "x509", "-in", _CERTIFICATES[role]))
    addresses = {name: public_address(client, key) for name, key in led.items() if str(key) in standing}
    return PublicNames(addresses, tuple(certificates))
