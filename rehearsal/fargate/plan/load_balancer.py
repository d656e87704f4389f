"""Application load balancers: listeners, rules, target groups, as the templates describe them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from rehearsal.fargate.desired.balancer import Forward, Listener, LoadBalancer, Rule, TargetGroup
from rehearsal.fargate.plan.database import zone
from rehearsal.fargate.plan.dns import leads
from rehearsal.fargate.plan.listener_rule import action, rule
from rehearsal.fargate.plan.lookup import Found, Lookup, attributes_of, number, truth
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.web_acl import firewall_before
from rehearsal.values.stack import World

_KIND = "AWS::ElasticLoadBalancingV2"
_NOT_HERE = "without effect on one machine"
BALANCER_ATTRIBUTES_WITHOUT_EFFECT: Mapping[str, str] = {
    "deletion_protection.enabled": _NOT_HERE,
    "access_logs.": "nothing is delivered to S3",
    "connection_logs.": "nothing is delivered to S3",
    "health_check_logs.": "nothing is delivered to S3",
    "load_balancing.cross_zone.enabled": _NOT_HERE,
    "zonal_shift.config.enabled": _NOT_HERE,
    "routing.http.desync_mitigation_mode": "HAProxy refuses ambiguous requests by itself",
    "routing.http.preserve_host_header.enabled": "the Host header is always passed on",
    "waf.fail_open.enabled": "a firewall is a part of HAProxy here: it is never out of reach",
    "ipv6.deny_all_igw_traffic": _NOT_HERE,
}
_BALANCER_ATTRIBUTES = {
    "idle_timeout.timeout_seconds": "60",
    "client_keep_alive.seconds": "3600",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
}


def load_balancer(found: Found, lookup: Lookup, read: ReadSecret) -> LoadBalancer:
    """Plan a load balancer with all listeners and rules that any deployed stack gives it."""
    properties = found.properties
    if properties.get("Type", "application") != "application":
        raise found.fault(f"Type is {properties['Type']!r}; the rehearsal has application load balancers.")
    if properties.get("IpAddressType", "ipv4") not in ("ipv4", "dualstack"):
        raise found.fault(f"IpAddressType {properties['IpAddressType']!r} is not honoured by the rehearsal.")
    subnets = [str(s) for s in properties.get("Subnets", ())]
    zones = [zone(lookup, s) for s in subnets]
    if len(set(subnets)) < 2 or (None not in zones and len(set(zones)) < 2):
        raise found.fault(f"{len(set(subnets))} subnet(s) in {len(set(zones))} zone(s); it wants two zones at least.")
    if twice := sorted({str(each) for each in zones if each is not None and zones.count(each) > 1}):
        raise found.fault(f"several of its subnets are in the zone {', '.join(twice)}; it takes one of each zone.")
    attributes = attributes_of(
        found, "LoadBalancerAttributes", _BALANCER_ATTRIBUTES, tuple(BALANCER_ATTRIBUTES_WITHOUT_EFFECT)
    )
    address = found.resource.attributes.get("DNSName", "")
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise found.fault(f"its DNSName is {address!r}; the rehearsal wants host:port, the address on this machine.")
    listeners = tuple(
        _listener(listener, lookup, read)
        for listener in lookup.of_type(f"{_KIND}::Listener")
        if str(listener.properties.get("LoadBalancerArn")) in found.names()
    )
    for one, other in itertools.pairwise(sorted(listeners, key=lambda each: each.port)):
        if one.port == other.port:
            raise found.fault(f"two listeners have its port {one.port}.")
    return LoadBalancer(
        key=found.key,
        network=lookup.network(None, subnets, [str(g) for g in properties.get("SecurityGroups", ())], found),
        host=host,
        port=int(port),
        idle_timeout=number(found, "idle timeout", attributes["idle_timeout.timeout_seconds"]),
        keep_alive=number(found, "client keep alive", attributes["client_keep_alive.seconds"]),
        drop_invalid_headers=truth(attributes["routing.http.drop_invalid_header_fields.enabled"]),
        forwarded_for=attributes["routing.http.xff_header_processing.mode"],
        http2=truth(attributes["routing.http2.enabled"]),
        listeners=tuple(sorted(listeners, key=lambda each: each.port)),
        names=tuple(name for name, key in leads(World(lookup.stacks)).items() if key == found.key),
        certified=tuple(dict.fromkeys(_certified(found, lookup))),
        firewall=firewall_before(found, lookup, read),
    )


def _certified(found: Found, lookup: Lookup) -> Iterator[str]:
    """Yield the names that the certificates of a load balancer's listeners are for, as far as a stack has them."""
    for listener in lookup.of_type(f"{_KIND}::Listener"):
        if str(listener.properties.get("LoadBalancerArn")) in found.names():
            for entry in listener.properties.get("Certificates", ()):
                certificate = lookup.find(str(entry.get("CertificateArn")), "AWS::CertificateManager::Certificate")
                if certificate:
                    yield str(certificate.properties["DomainName"])
                    yield from map(str, certificate.properties.get("SubjectAlternativeNames", ()))


def _listener(found: Found, lookup: Lookup, read: ReadSecret) -> Listener:
    properties = found.properties
    protocol = properties.get("Protocol")
    if protocol not in ("HTTP", "HTTPS"):
        raise found.fault(f"Protocol is {protocol!r}; HTTP or HTTPS is wanted.")
    if protocol == "HTTPS" and not properties.get("Certificates"):
        raise found.fault("an HTTPS listener needs a certificate.")
    rules = (
        rule(each, lookup, read)
        for each in lookup.of_type(f"{_KIND}::ListenerRule")
        if str(each.properties.get("ListenerArn")) in found.names()
    )
    return Listener(
        port=number(found, "Port", properties["Port"]),
        tls=protocol == "HTTPS",
        default=action(found, properties["DefaultActions"], lookup),
        rules=_by_priority(found, rules),
    )


def _by_priority(found: Found, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    ordered = sorted(rules, key=lambda each: each.priority)
    for one, next_one in itertools.pairwise(ordered):
        if one.priority == next_one.priority:
            raise found.fault(f"two of its rules have the priority {one.priority}.")
    return tuple(ordered)


def forwards(balancer: LoadBalancer) -> Iterator[TargetGroup]:
    """Yield the target groups that a load balancer sends requests to, each once."""
    actions = [
        each for listener in balancer.listeners for each in (listener.default, *(r.action for r in listener.rules))
    ]
    groups = {each.group.key: each.group for each in actions if isinstance(each, Forward)}
    yield from groups.values()
