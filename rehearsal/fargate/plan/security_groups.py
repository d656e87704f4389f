"""Who may connect to whom, by the security groups: the fault that no linter and no emulator finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from rehearsal.fargate.plan.lookup import Found, Lookup

ANYWHERE = ("0.0.0.0/0", "::/0")
_TCP = ("tcp", "6", "-1")
_ALL: Mapping[str, Any] = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}


# Linux's own: from where a task asks, and is answered.
_EPHEMERAL = (32768, 60999)


@dataclass(frozen=True)
class Peer:
    """One end of a connection: the security groups and the subnets it is in, and the ports that answers to it go to."""

    what: str
    groups: tuple[str, ...]
    subnets: tuple[str, ...] = ()
    answer_ports: tuple[int, int] = _EPHEMERAL


class SecurityGroups:
    """The rules that deployed stacks give to security groups, inline and as resources of their own."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._ingress = list(lookup.of_type("AWS::EC2::SecurityGroupIngress"))
        self._egress = list(lookup.of_type("AWS::EC2::SecurityGroupEgress"))
        self._internal = [
            str(v.properties["CidrBlock"]) for v in lookup.of_type("AWS::EC2::VPC") if "CidrBlock" in v.properties
        ]

    def fault(self, source: Peer, target: Peer, port: int) -> str | None:
        """Return why ``source`` cannot open a TCP connection to ``port`` of ``target``.

        None if it can, as far as is known. A group that no deployed stack has (an imported one) may hold rules that
        cannot be seen: it is believed.
        """
        for peer in (source, target):
            if not peer.groups:
                return f"{peer.what} has no security group"
        if not self._unseen(source) and not any(self._lets_out(g, target, port) for g in source.groups):
            return f"no security group of {source.what} lets TCP {port} out to {target.what}"
        if not self._unseen(target) and not any(self._lets_in(g, source, port) for g in target.groups):
            return f"no security group of {target.what} lets TCP {port} in from {source.what}"
        return None

    def open_to_the_world(self, target: Peer, port: int) -> bool:
        """Return whether anybody may open a TCP connection to ``port`` of ``target``."""
        return self._with_anybody(target, port, self._inward)

    def reaches_the_world(self, source: Peer, port: int) -> bool:
        """Return whether ``source`` may open a TCP connection to ``port`` of anybody."""
        return self._with_anybody(source, port, self._outward)

    def admits_some_range(self, target: Peer, port: int) -> bool:
        """Return whether some address range, however small, may open a TCP connection to ``port`` of ``target``."""
        if self._unseen(target):
            return True
        return any(
            any(rule.get(name) for name in ("CidrIp", "CidrIpv6", "SourcePrefixListId"))
            for group in target.groups
            for rule in self._inward(group)
            if _covers(rule, port)
        )

    def _with_anybody(self, peer: Peer, port: int, rules: Callable[[str], list[Mapping[str, Any]]]) -> bool:
        return self._unseen(peer) or any(
            rule.get("CidrIp") in ANYWHERE or rule.get("CidrIpv6") in ANYWHERE
            for group in peer.groups
            for rule in rules(group)
            if _covers(rule, port)
        )

    def _unseen(self, peer: Peer) -> bool:
        return any(self._lookup.find(g, "AWS::EC2::SecurityGroup") is None for g in peer.groups)

    def _inward(self, group: str) -> list[Mapping[str, Any]]:
        return self._rules(group, "SecurityGroupIngress", self._ingress)

    def _rules(self, group: str, inline: str, apart: Iterable[Found]) -> list[Mapping[str, Any]]:
        found = self._lookup.find(group, "AWS::EC2::SecurityGroup")
        names = set(found.names()) if found else {group}
        rules = list(found.properties.get(inline, ())) if found else []
        return rules + [r.properties for r in apart if str(r.properties.get("GroupId")) in names]

    def _lets_in(self, group: str, source: Peer, port: int) -> bool:
        return any(
            self._names(rule, "SourceSecurityGroupId", source) for rule in self._inward(group) if _covers(rule, port)
        )

    def _lets_out(self, group: str, target: Peer, port: int) -> bool:
        return any(
            self._names(rule, "DestinationSecurityGroupId", target)
            for rule in self._outward(group)
            if _covers(rule, port)
        )

    def _outward(self, group: str) -> list[Mapping[str, Any]]:
        # A group whose template says nothing of egress lets everything out.
        return self._rules(group, "SecurityGroupEgress", self._egress) or [_ALL]

    def _names(self, rule: Mapping[str, Any], peer_property: str, peer: Peer) -> bool:
        peer_id = rule.get(peer_property)
        if peer_id is not None:
            found = self._lookup.find(str(peer_id), "AWS::EC2::SecurityGroup")
            return bool((set(found.names()) if found else {str(peer_id)}) & set(peer.groups))
        cidr = rule.get("CidrIp")
        if cidr is None:
            return False
        return cidr in ANYWHERE or any(addresses(vpc).subnet_of(addresses(cidr)) for vpc in self._internal)


def addresses(cidr: str) -> IPv4Network:
    """Read a range of addresses as EC2 does, which takes bits of the host away."""
    return IPv4Network(cidr, strict=False)


def _covers(rule: Mapping[str, Any], port: int) -> bool:
    protocol = str(rule.get("IpProtocol"))
    if protocol not in _TCP:
        return False
    return protocol == "-1" or int(rule.get("FromPort", 0)) <= port <= int(rule.get("ToPort", 65535))
