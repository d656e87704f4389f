"""What an account has before anything is deployed, and a template names: VPCs, subnets, hosted zones, secrets."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.ec2.models import ec2_backends, subnets, vpcs
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.route53 import models as route53
from moto.secretsmanager.models import secretsmanager_backends

from rehearsal.values.cloud_assembly import Bootstrapped
from rehearsal.values.secret_reference import stand_in

# Of a VPC that a template names no range is known; a rehearsal's packets do not go by it.
_RANGE = "10.0.0.0/16"
_PARTITION = "aws"


def make(thing: Bootstrapped) -> None:
    """Make it, as far as it is not there."""
    {"vpc": _vpc, "subnet": _subnet, "hosted-zone": _hosted_zone, "secret": _secret}[thing.kind](thing)


def _vpc(thing: Bootstrapped) -> None:
    backend = ec2_backends[thing.account][thing.region]
    if thing.name not in backend.vpcs:
        with _identity(vpcs, "random_vpc_id", thing.name):
            backend.create_vpc(_RANGE)


def _subnet(thing: Bootstrapped) -> None:
    vpc_id, name, number = thing.name.split("/")
    backend = ec2_backends[thing.account][thing.region]
    there: list[Any] = list(backend.describe_subnets())
    if name in {each.id for each in there}:
        return
    taken = {each.cidr_block for each in there if each.vpc_id == vpc_id}
    block = next(str(each) for each in ipaddress.ip_network(_RANGE).subnets(new_prefix=24) if str(each) not in taken)
    zones = [zone.name for zone in RegionsAndZonesBackend.zones[thing.region]]
    with _identity(subnets, "random_subnet_id", name):
        backend.create_subnet(vpc_id, block, availability_zone=zones[int(number) % len(zones)])


def _hosted_zone(thing: Bootstrapped) -> None:
    identity, domain = thing.name.split("/")
    backend = route53.route53_backends[thing.account][_PARTITION]
    if identity in backend.zones:
        return
    with _identity(route53.HostedZoneIdentifier, "generate", identity):
        backend.create_hosted_zone(domain, private_zone=False)


def _secret(thing: Bootstrapped) -> None:
    # Made up, and the same in each run, or each would replace the tasks that have it: it opens nothing but the server
    # that stands in for the team's own on this machine.
    name, fields = thing.name.split(":")
    backend = secretsmanager_backends[thing.account][thing.region]
    if name not in backend.secrets:
        values = {field: stand_in(thing.account, thing.region, f"{name}/{field}") for field in fields.split(",")}
        backend.create_managed_secret("", name, secret_string=json.dumps(values))


@contextmanager
def _identity(owner: object, function: str, identity: str) -> Iterator[None]:
    """Let moto give the identity that the template knows, where it draws one."""
    before = getattr(owner, function)
    setattr(owner, function, lambda *_, **__: identity)
    try:
        yield
    finally:
        setattr(owner, function, before)
