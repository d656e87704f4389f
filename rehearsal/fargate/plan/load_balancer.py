"""Application load balancers: listeners, rules, target groups, as the templates describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.fargate.plan.database import zone
from rehearsal.fargate.plan.lookup import Found, Lookup, number, pairs, truth
from rehearsal.fargate.plan.values import (
    Action,
    FixedResponse,
    Forward,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    TargetGroup,
)

_KIND = "AWS::ElasticLoadBalancingV2"
_NOT_HERE = "without effect on one machine"
BALANCER_ATTRIBUTES_WITHOUT_EFFECT: Mapping[str, str] = {
    "deletion_protection.enabled": _NOT_HERE,
    "access_logs.": "nothing is delivered to S3",
    "connection_logs.": "nothing is delivered to S3",
    "health_check_logs.": "nothing is delivered to S3",
    "load_balancing.cross_zone.enabled": _NOT_HERE,
    "zonal_shift.config.enabled": _NOT_HERE,
    "routing.http2.enabled": "HTTP/2 is offered on TLS listeners",
    "routing.http.desync_mitigation_mode": "HAProxy refuses ambiguous requests by itself",
    "routing.http.preserve_host_header.enabled": "the Host header is always passed on",
    "waf.fail_open.enabled": "no web application firewall stands here",
    "ipv6.deny_all_igw_traffic": _NOT_HERE,
}
_BALANCER_ATTRIBUTES = {
    "idle_timeout.timeout_seconds": "60",
    "client_keep_alive.seconds": "3600",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
}
_GROUP_ATTRIBUTES_WITHOUT_EFFECT = (
    "target_group_health.",
    "load_balancing.cross_zone.enabled",
    "stickiness.lb_cookie.",
    "stickiness.type",
)
_GROUP_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "slow_start.duration_seconds": "0",
    "stickiness.enabled": "false",
}
CONDITION_FIELDS = ("path-pattern", "host-header", "http-request-method", "source-ip")


def target_group(found: Found) -> TargetGroup:
    """Plan a target group."""
    properties = found.properties
    for name, wanted, default in (
        ("TargetType", "ip", "instance"),
        ("Protocol", "HTTP", None),
        ("ProtocolVersion", "HTTP1", "HTTP1"),
        ("HealthCheckProtocol", "HTTP", "HTTP"),
        ("IpAddressType", "ipv4", "ipv4"),
    ):
        if properties.get(name, default) != wanted:
            raise found.fault(f"{name} is {properties.get(name, default)!r}; {wanted} is wanted for tasks with awsvpc.")
    if not truth(properties.get("HealthCheckEnabled", True)):
        raise found.fault("HealthCheckEnabled is false; a group of ip targets always checks.")
    if properties.get("Targets"):
        raise found.fault("it has fixed Targets; ECS registers a service's tasks by itself.")
    attributes = _attributes(found, "TargetGroupAttributes", _GROUP_ATTRIBUTES, _GROUP_ATTRIBUTES_WITHOUT_EFFECT)
    if truth(attributes["stickiness.enabled"]):
        raise found.fault("stickiness is not honoured by the rehearsal.")
    interval = number(found, "HealthCheckIntervalSeconds", properties.get("HealthCheckIntervalSeconds", 30))
    timeout = number(found, "HealthCheckTimeoutSeconds", properties.get("HealthCheckTimeoutSeconds", 5))
    if timeout >= interval:
        raise found.fault(f"HealthCheckTimeoutSeconds {timeout} must be below HealthCheckIntervalSeconds {interval}.")
    matcher = str(properties.get("Matcher", {}).get("HttpCode", "200"))
    if not re.fullmatch(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", matcher):
        raise found.fault(f"Matcher.HttpCode is {matcher!r}; it takes codes and ranges, as 200 or 200-299,302.")
    check_port = str(properties.get("HealthCheckPort", "traffic-port"))
    return TargetGroup(
        key=found.key,
        port=number(found, "Port", properties.get("Port", 80)),
        algorithm=attributes["load_balancing.algorithm.type"],
        deregistration_delay=number(found, "deregistration delay", attributes["deregistration_delay.timeout_seconds"]),
        slow_start=number(found, "slow start", attributes["slow_start.duration_seconds"]),
        check_path=str(properties.get("HealthCheckPath", "/")),
        check_port=None if check_port == "traffic-port" else number(found, "HealthCheckPort", check_port),
        matcher=matcher,
        interval=interval,
        timeout=timeout,
        healthy_threshold=number(found, "HealthyThresholdCount", properties.get("HealthyThresholdCount", 5)),
        unhealthy_threshold=number(found, "UnhealthyThresholdCount", properties.get("UnhealthyThresholdCount", 2)),
    )


def _attributes(found: Found, name: str, defaults: Mapping[str, str], without_effect: Sequence[str]) -> dict[str, str]:
    result = dict(defaults)
    for key, value in pairs(found, name, found.properties.get(name, ())).items():
        if key in defaults:
            result[key] = value
        elif not key.startswith(tuple(without_effect)):
            raise found.fault(f"the rehearsal does not know how to honour the attribute {key}.")
    return result


def load_balancer(found: Found, lookup: Lookup) -> LoadBalancer:
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
    attributes = _attributes(
        found, "LoadBalancerAttributes", _BALANCER_ATTRIBUTES, tuple(BALANCER_ATTRIBUTES_WITHOUT_EFFECT)
    )
    address = found.resource.attributes.get("DNSName", "")
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise found.fault(f"its DNSName is {address!r}; the rehearsal wants host:port, the address on this machine.")
    listeners = tuple(
        _listener(listener, lookup)
        for listener in lookup.of_type(f"{_KIND}::Listener")
        if str(listener.properties.get("LoadBalancerArn")) in found.names()
    )
    return LoadBalancer(
        key=found.key,
        network=lookup.network(None, subnets, [str(g) for g in properties.get("SecurityGroups", ())], found),
        host=host,
        port=int(port),
        idle_timeout=number(found, "idle timeout", attributes["idle_timeout.timeout_seconds"]),
        keep_alive=number(found, "client keep alive", attributes["client_keep_alive.seconds"]),
        drop_invalid_headers=truth(attributes["routing.http.drop_invalid_header_fields.enabled"]),
        forwarded_for=attributes["routing.http.xff_header_processing.mode"],
        listeners=tuple(sorted(listeners, key=lambda each: each.port)),
    )


def _listener(found: Found, lookup: Lookup) -> Listener:
    properties = found.properties
    protocol = properties.get("Protocol")
    if protocol not in ("HTTP", "HTTPS"):
        raise found.fault(f"Protocol is {protocol!r}; HTTP or HTTPS is wanted.")
    if protocol == "HTTPS" and not properties.get("Certificates"):
        raise found.fault("an HTTPS listener needs a certificate.")
    rules = (
        _rule(rule, lookup)
        for rule in lookup.of_type(f"{_KIND}::ListenerRule")
        if str(rule.properties.get("ListenerArn")) in found.names()
    )
    return Listener(
        port=number(found, "Port", properties["Port"]),
        tls=protocol == "HTTPS",
        default=_action(found, properties["DefaultActions"], lookup),
        rules=tuple(sorted(rules, key=lambda rule: rule.priority)),
    )


def _rule(found: Found, lookup: Lookup) -> Rule:
    properties = found.properties
    conditions = []
    for condition in properties["Conditions"]:
        field = str(condition.get("Field"))
        if field not in CONDITION_FIELDS:
            raise found.fault(f"the condition {field!r} is not among those honoured: {', '.join(CONDITION_FIELDS)}.")
        config: Mapping[str, Any] = next((value for name, value in condition.items() if name.endswith("Config")), {})
        conditions.append((field, tuple(map(str, config.get("Values") or condition.get("Values", ())))))
    return Rule(
        number(found, "Priority", properties["Priority"]),
        tuple(conditions),
        _action(found, properties["Actions"], lookup),
    )


def _action(found: Found, actions: Sequence[Mapping[str, Any]], lookup: Lookup) -> Action:
    if len(actions) != 1:
        raise found.fault(
            f"it has {len(actions)} actions; the rehearsal takes one (forward, redirect or fixed-response)."
        )
    action = actions[0]
    wanted = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}.get(str(action.get("Type")))
    if wanted and wanted not in action:
        raise found.fault(f"its {action['Type']} action has no {wanted}.")
    match action.get("Type"):
        case "forward":
            groups = [action["TargetGroupArn"]] if "TargetGroupArn" in action else []
            groups += [g["TargetGroupArn"] for g in action.get("ForwardConfig", {}).get("TargetGroups", ())]
            if len(set(groups)) != 1:
                raise found.fault(f"it forwards to {len(set(groups))} target groups; the rehearsal takes one.")
            return Forward(target_group(lookup.need(str(groups[0]), f"{_KIND}::TargetGroup", found, "its action")))
        case "redirect":
            redirect = action["RedirectConfig"]
            return Redirect(
                protocol=str(redirect.get("Protocol", "#{protocol}")),
                host=str(redirect.get("Host", "#{host}")),
                port=str(redirect.get("Port", "#{port}")),
                path=str(redirect.get("Path", "/#{path}")),
                query=str(redirect.get("Query", "#{query}")),
                status=301 if redirect["StatusCode"] == "HTTP_301" else 302,
            )
        case "fixed-response":
            fixed = action["FixedResponseConfig"]
            return FixedResponse(
                number(found, "StatusCode", fixed["StatusCode"]),
                str(fixed.get("ContentType", "text/plain")),
                str(fixed.get("MessageBody", "")),
            )
        case other:
            raise found.fault(f"the rehearsal does not know how to honour the action {other!r}.")


def forwards(balancer: LoadBalancer) -> Iterator[TargetGroup]:
    """Yield the target groups that a load balancer sends requests to, each once."""
    actions = [
        action for each in balancer.listeners for action in (each.default, *(rule.action for rule in each.rules))
    ]
    groups = {action.group.key: action.group for action in actions if isinstance(action, Forward)}
    yield from groups.values()
