"""Which packets the lists of subnets let through: network ACLs, which know no connections, so answers need rules, too.

From "Network ACL rules" and "Custom network ACLs" (ephemeral ports) in the VPC user guide. A list judges what enters
and leaves its subnet, not what stays within, nor what asks the VPC's own servers of names and credentials. Believed are
a subnet whose list no deployed stack has, and one whose addresses no stack tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from itertools import product
from typing import Final

from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.security_groups import Peer, addresses

# From where a load balancer, a NAT gateway and people's machines ask, and are answered.
ANY_EPHEMERAL: Final = (1024, 65535)
_ASSOCIATION: Final = "AWS::EC2::SubnetNetworkAclAssociation"
_EVERYWHERE: Final = IPv4Network("0.0.0.0/0")
WORLD: Final = Peer("the internet", (), answer_ports=ANY_EPHEMERAL)
_TCP: Final = {"6", "-1"}
_ALL_PROTOCOLS: Final = "-1"
_ALL_PORTS: Final = (0, 65535)
# Of the ports that answers go to, a rule that denies fewer than one in so many costs few connections, each of which is
# tried again: a team that shuts a port of its administrators' to everybody has a site that works.
_SEEN_OF: Final = 100


@dataclass(frozen=True)
class _Packets:
    """TCP packets between a subnet and addresses elsewhere, to a range of ports."""

    network: IPv4Network
    first: int
    last: int
    # From how many denied ports on it is told.
    threshold: int

    def without(self, rule: _Rule) -> list[_Packets]:
        """Return what of them a rule says nothing of."""
        first, last = max(self.first, rule.first), min(self.last, rule.last)
        rest = [
            replace(self, first=start, last=end)
            for start, end in ((self.first, first - 1), (last + 1, self.last))
            if start <= end
        ]
        if self.network.subnet_of(rule.network):
            return rest
        beside = self.network.address_exclude(rule.network)
        return rest + [replace(self, network=each, first=first, last=last) for each in beside]


@dataclass(frozen=True, order=True)
class _Rule:
    """An entry of a list, of those that are read for TCP."""

    number: int
    allows: bool
    network: IPv4Network
    first: int
    last: int

    def meets(self, packets: _Packets) -> bool:
        """Return whether it says something of some of them.

        Of those to or from everybody, a rule for fewer says nothing: a team that shuts some people out means it.
        """
        if packets.last < self.first or self.last < packets.first:
            return False
        if packets.network == _EVERYWHERE:
            return self.network == _EVERYWHERE
        return packets.network.overlaps(self.network)

    def stops(self, packets: _Packets) -> bool:
        """Return whether it denies so many of them that somebody would see it."""
        denied = min(self.last, packets.last) - max(self.first, packets.first) + 1
        return not self.allows and denied >= packets.threshold


@dataclass(frozen=True)
class _List:
    """A list with its rules for TCP, the first of them first."""

    where: str
    inward: tuple[_Rule, ...]
    outward: tuple[_Rule, ...]

    @classmethod
    def of(cls, acl: Found, lookup: Lookup) -> _List:
        """Read the rules that deployed stacks give to a list."""
        names = set(acl.names())
        found = [
            (truth(each.properties.get("Egress", False)), _rule(each))
            for each in lookup.of_type("AWS::EC2::NetworkAclEntry")
            if str(each.properties.get("NetworkAclId")) in names
            and str(each.properties.get("Protocol")) in _TCP
            and "CidrBlock" in each.properties
        ]
        inward, outward = (tuple(sorted(rule for egress, rule in found if egress is way)) for way in (False, True))
        return cls(acl.where, inward, outward)


@dataclass(frozen=True)
class _Place:
    """A subnet with its addresses, or the internet, which has no list."""

    subnet: str
    network: IPv4Network


class NetworkAcls:
    """The lists that deployed stacks give to subnets."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._lists = {
            str(found.properties.get("SubnetId")): _List.of(acl, lookup)
            for found in lookup.of_type(_ASSOCIATION)
            if (acl := _acl(found, lookup))
        }

    def unseen(self) -> Iterator[Found]:
        """Yield what gives a list that no deployed stack has to a subnet, of the stack that is being deployed."""
        for found in self._lookup.own(_ASSOCIATION):
            if _acl(found, self._lookup) is None:
                yield found

    def fault(self, source: Peer, target: Peer, port: int) -> str | None:
        """Return which list keeps ``source`` from a TCP connection to ``port`` of ``target``; None if none does.

        Whichever of its subnets each is in.
        """
        return next(self._faults(source, target, port, by_source=True), None)

    def fault_through(self, source: Peer, gateway: Peer, port: int) -> str | None:
        """Return which list of a gateway's subnet keeps ``source`` from ``port`` of the internet; None if none does.

        The addresses that the packets are for are the internet's: the list of the source's own subnet never reads the
        gateway's.
        """
        passing = self._faults(source, gateway, port, by_source=False)
        return next(passing, None) or self.fault(gateway, WORLD, port)

    def _faults(self, source: Peer, target: Peer, port: int, *, by_source: bool) -> Iterator[str]:
        if not self._lists:
            return
        ports = (port, port)
        question = f"TCP {port} from {source.what} to {target.what}"
        first, last = source.answer_ports
        answer = f"the answers from {target.what} to {source.what}, TCP {first} to {last},"
        for begin, end in product(self._places(source), self._places(target)):
            if begin.subnet == end.subnet:
                continue
            if by_source:
                yield from self._stopped(begin, end, ports, question, outward=True)
            yield from self._stopped(end, begin, ports, question, outward=False)
            yield from self._stopped(end, begin, source.answer_ports, answer, outward=True)
            if by_source:
                yield from self._stopped(begin, end, source.answer_ports, answer, outward=False)

    def _stopped(
        self, at: _Place, other: _Place, ports: tuple[int, int], words: str, *, outward: bool
    ) -> Iterator[str]:
        """Yield a sentence where the list of a subnet stops packets to or from another place."""
        acl = self._lists.get(at.subnet)
        if acl is None:
            return
        first, last = ports
        packets = _Packets(other.network, first, last, threshold=-(-(last - first + 1) // _SEEN_OF))
        if reason := _refusal(acl.outward if outward else acl.inward, packets):
            way = "out of" if outward else "into"
            yield f"{acl.where} does not let {words} {way} the subnet {at.subnet}: {reason}"

    def _places(self, peer: Peer) -> Iterator[_Place]:
        if peer is WORLD:
            yield _Place("", _EVERYWHERE)
        for subnet in peer.subnets:
            found = self._lookup.find(subnet, "AWS::EC2::Subnet")
            if found and "CidrBlock" in found.properties:
                yield _Place(subnet, addresses(str(found.properties["CidrBlock"])))


def _acl(association: Found, lookup: Lookup) -> Found | None:
    return lookup.find(str(association.properties.get("NetworkAclId")), "AWS::EC2::NetworkAcl")


def _rule(found: Found) -> _Rule:
    properties = found.properties
    ports = properties.get("PortRange", {})
    if str(properties["Protocol"]) == _ALL_PROTOCOLS:
        ports = {}  # such a rule is for all of them, whatever it says
    first, last = (
        number(found, f"PortRange.{end}", ports.get(end, _ALL_PORTS[i])) for i, end in enumerate(("From", "To"))
    )
    return _Rule(
        number=number(found, "RuleNumber", properties["RuleNumber"]),
        allows=properties["RuleAction"] == "allow",
        network=addresses(str(properties["CidrBlock"])),
        first=first,
        last=last,
    )


def _refusal(rules: Sequence[_Rule], packets: _Packets) -> str | None:
    """Return why a list stops some of the packets: the first rule that is for one decides, and without one it stops."""
    left = [packets]
    for rule in rules:
        met = [each for each in left if rule.meets(each)]
        if any(rule.stops(each) for each in met):
            return f"its rule {rule.number} denies it"
        left = [each for each in left if each not in met] + [rest for each in met for rest in each.without(rule)]
    return "no rule of it allows it" if left else None
