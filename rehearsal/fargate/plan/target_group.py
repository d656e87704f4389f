"""Target groups of application load balancers: the port, the health check, how requests are spread."""

from __future__ import annotations

import re

from rehearsal.fargate.desired.balancer import TargetGroup
from rehearsal.fargate.plan.lookup import Found, attributes_of, number, truth

_WITHOUT_EFFECT = (
    "target_group_health.",
    "load_balancing.cross_zone.enabled",
    "stickiness.lb_cookie.",
    "stickiness.type",
)
_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "slow_start.duration_seconds": "0",
    "stickiness.enabled": "false",
}


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
    attributes = attributes_of(found, "TargetGroupAttributes", _ATTRIBUTES, _WITHOUT_EFFECT)
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
