"""What EC2 refuses in the networks of a template.

Sources: ``AuthorizeSecurityGroupIngress``, ``CreateSecurityGroup``, ``CreateSubnet``, ``CreateVpc``, ``CreateRoute``
and ``ModifyVpcAttribute`` in the EC2 API reference; "VPC CIDR blocks" and "Subnet sizing" in the VPC user guide; and
the errors that EC2 gives to what these do not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from rehearsal.values.as_written import PORTS, Properties, block, mappings, network, number, present, text, within

_PROTOCOLS: Final = frozenset({"tcp", "udp", "icmp", "icmpv6"})
_WITH_PORTS: Final = frozenset({"tcp", "udp", "6", "17"})
_WITH_TYPES: Final = frozenset({"icmp", "1"})
_TYPES: Final = range(-1, 256)
_DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
# Prefixes of networks and subnets, and what no network may overlap ("The CIDR … is invalid").
_SIZES: Final = range(16, 29)
_RESERVED: Final = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")))
_ROUTE_TARGETS: Final = (
    "CarrierGatewayId", "CoreNetworkArn", "EgressOnlyInternetGatewayId", "GatewayId", "InstanceId", "LocalGatewayId",
    "NatGatewayId", "NetworkInterfaceId", "OdbNetworkArn", "TransitGatewayId", "VpcEndpointId",
    "VpcPeeringConnectionId",
)  # fmt: skip


def security_rule(rule: Properties) -> Iterator[str]:
    """Yield what EC2 refuses in a rule of a security group."""
    protocol = (text(rule, "IpProtocol") or "").lower()
    yield from network(rule, "CidrIp")
    yield from network(rule, "CidrIpv6", 6)
    if protocol and protocol not in _PROTOCOLS and not re.fullmatch(r"-1|\d{1,3}", protocol):
        yield f"IpProtocol is {protocol!r}; tcp, udp, icmp, icmpv6, a number, or -1 for all, are allowed"
    if (words := text(rule, "Description")) and not _DESCRIPTION.fullmatch(words):
        yield f"Description is {words!r}; up to 255 of letters, digits, blanks and ._-:/()#,@[]+=&;{{}}!$* are allowed"
    if protocol in _WITH_PORTS | _WITH_TYPES:
        yield from _ports(rule, protocol)


def _ports(rule: Properties, protocol: str) -> Iterator[str]:
    """Yield what is wrong with ports, or with ICMP's type and code, which stand in their place."""
    missing = [name for name in ("FromPort", "ToPort") if name not in rule]
    if missing:
        yield f"{' and '.join(missing)} of a rule of {protocol} is missing; EC2 wants both of TCP, UDP and ICMP"
        return
    first, last = number(rule, "FromPort"), number(rule, "ToPort")
    if protocol in _WITH_TYPES:
        for name in ("FromPort", "ToPort"):
            yield from within(rule, name, _TYPES)
        if first == -1 and last not in {-1, None}:
            yield f"FromPort is -1, all types of ICMP, and ToPort {last:g}; EC2 wants all codes then, -1"
        return
    if first == last == -1:
        return
    for name in ("FromPort", "ToPort"):
        yield from within(rule, name, PORTS)
    if first is not None and last is not None and first > last:
        yield f"FromPort {first:g} is above ToPort {last:g}"


def security_group(properties: Properties) -> Iterator[str]:
    """Yield what EC2 refuses in a security group and in the rules within it."""
    for name in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for index, rule in enumerate(mappings(properties.get(name))):
            yield from (f"{name}[{index}]: {fault}" for fault in security_rule(rule))
    name = text(properties, "GroupName") or ""
    if name.startswith("sg-"):
        yield f"GroupName is {name!r}; it may not begin with sg-"
    if name == "default":
        yield "GroupName is 'default', which is the name of each network's own group"


def vpc(properties: Properties) -> Iterator[str]:
    """Yield what EC2 refuses in a network."""
    yield from _sized(properties, "a network")
    found = block(properties, "CidrBlock")
    if isinstance(found, IPv4Network) and (reserved := next(filter(found.overlaps, _RESERVED), None)):
        yield f"CidrBlock is {properties['CidrBlock']}, which overlaps {reserved}; EC2 takes no network there"
    hostnames, support = (str(properties.get(f"EnableDns{each}", "")).lower() for each in ("Hostnames", "Support"))
    if hostnames == "true" and support == "false":
        yield "EnableDnsHostnames is true without EnableDnsSupport; EC2 wants that, too"


def subnet(properties: Properties) -> Iterator[str]:
    """Yield what EC2 refuses in a subnet."""
    yield from _sized(properties, "a subnet")


def _sized(properties: Properties, what: str) -> Iterator[str]:
    yield from network(properties, "CidrBlock")
    found = block(properties, "CidrBlock")
    if found is not None and found.prefixlen not in _SIZES:
        yield f"CidrBlock is {properties['CidrBlock']}; {what} has from /{_SIZES.start} to /{_SIZES.stop - 1}"


def route(properties: Properties) -> Iterator[str]:
    """Yield what EC2 refuses in a route."""
    yield from network(properties, "DestinationCidrBlock")
    yield from network(properties, "DestinationIpv6CidrBlock", 6)
    if not any(name in properties for name in _ROUTE_TARGETS):
        yield "it leads nowhere: none of " + ", ".join(_ROUTE_TARGETS)
    if len(targets := present(properties, _ROUTE_TARGETS)) > 1:
        yield f"it leads to {' and '.join(targets)}; EC2 takes one"
