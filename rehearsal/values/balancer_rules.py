"""What Elastic Load Balancing refuses in load balancers, listeners, their rules and target groups.

Sources: ``LoadBalancerAttribute``, ``TargetGroupAttribute``, ``CreateLoadBalancer``, ``CreateListener``, ``CreateRule``
and ``CreateTargetGroup`` in the API reference; "Edit target group attributes" in the user guide of Application Load
Balancers; the errors that the service gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rehearsal.values.as_written import PORTS, Properties, certain, mappings, number, text, within

_TRUTHS: Final = frozenset({"true", "false"})
_COOKIES: Final = range(1, 604801)
# Attributes of load balancers and of target groups: bounds, or the values that there are.
_ATTRIBUTES: Final[Mapping[str, range | frozenset[str]]] = {
    "idle_timeout.timeout_seconds": range(1, 4001),
    "client_keep_alive.seconds": range(60, 604801),
    "routing.http.xff_header_processing.mode": frozenset({"append", "preserve", "remove"}),
    "routing.http.desync_mitigation_mode": frozenset({"monitor", "defensive", "strictest"}),
    "deregistration_delay.timeout_seconds": range(3601),
    "load_balancing.algorithm.type": frozenset({"round_robin", "least_outstanding_requests", "weighted_random"}),
    "load_balancing.algorithm.anomaly_mitigation": frozenset({"on", "off"}),
    "load_balancing.cross_zone.enabled": _TRUTHS | {"use_load_balancer_configuration"},
    "stickiness.lb_cookie.duration_seconds": _COOKIES,
    "stickiness.app_cookie.duration_seconds": _COOKIES,
    **dict.fromkeys(
        (
            *("access_logs.s3.enabled", "connection_logs.s3.enabled", "health_check_logs.s3.enabled"),
            *("deletion_protection.enabled", "ipv6.deny_all_igw_traffic", "routing.http2.enabled"),
            *("routing.http.drop_invalid_header_fields.enabled", "routing.http.preserve_host_header.enabled"),
            *("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "routing.http.xff_client_port.enabled"),
            *("stickiness.enabled", "waf.fail_open.enabled", "zonal_shift.config.enabled"),
        ),
        _TRUTHS,
    ),
}
# A value that only the deployment knows.
_UNKNOWN: Final = "?"
_SLOW_START: Final = range(30, 901)
# Status codes that a health check may want, by the protocol of its target group; any other has what TCP has.
_MATCHED: Final = {"HTTP": range(200, 500), "HTTPS": range(200, 500), "GENEVE": range(200, 400)}
_MATCHED_OF_ANY: Final = range(200, 600)
_OF_HTTP: Final = frozenset({"HTTP", "HTTPS"})
# Seconds from one health check to the next, and how long it waits, where a target group of HTTP does not say it.
_INTERVAL: Final = 30
_TIMEOUT: Final = 5
# Of a rule, from "Quotas for your Application Load Balancers".
_COMPARED: Final = ("Values", "RegexValues")
_VALUES: Final = 5
_WILDCARDS: Final = 6
# Conditions of which a rule may have several.
_REPEATED: Final = frozenset({"http-header", "query-string"})
_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)")
_ENCRYPTED: Final = frozenset({"HTTPS", "TLS"})


def attributes(properties: Properties) -> Iterator[str]:
    """Yield what the service refuses among the attributes of a load balancer or a target group."""
    values: dict[str, str] = {}
    for name in ("LoadBalancerAttributes", "TargetGroupAttributes"):
        for each in mappings(properties.get(name)):
            if (key := text(each, "Key")) is None:
                continue
            value = each.get("Value")
            written = str(value).lower() if isinstance(value, bool) else text(each, "Value")
            values[key] = _UNKNOWN if written is None else written
            yield from _attribute(key, values[key])
    is_application = text(properties, "Type") in {None, "application"} and "LoadBalancerAttributes" in properties
    if is_application and values.get("load_balancing.cross_zone.enabled") == "false":
        yield "load_balancing.cross_zone.enabled is 'false'; of an application load balancer it is always true"
    yield from _together(values)


def _attribute(key: str, written: str) -> Iterator[str]:
    allowed = _ATTRIBUTES.get(key)
    if written == _UNKNOWN or allowed is None:
        return
    if isinstance(allowed, range):
        yield from within({key: written}, key, allowed)
    elif written not in allowed:
        yield f"{key} is {written!r}; {', '.join(sorted(allowed))} are allowed"


def _together(values: Mapping[str, str]) -> Iterator[str]:
    """Yield what attributes refuse of one another."""
    slow, algorithm = values.get("slow_start.duration_seconds", "0"), values.get("load_balancing.algorithm.type", "")
    if slow not in {"0", _UNKNOWN}:
        yield from within({"slow_start.duration_seconds": slow}, "slow_start.duration_seconds", _SLOW_START)
        if algorithm in {"least_outstanding_requests", "weighted_random"}:
            yield f"slow_start.duration_seconds does not go with the algorithm {algorithm}"
    is_weighted = algorithm in {"weighted_random", _UNKNOWN}
    if values.get("load_balancing.algorithm.anomaly_mitigation") == "on" and not is_weighted:
        yield "load_balancing.algorithm.anomaly_mitigation is on, which only the algorithm weighted_random has"
    for log in ("access_logs", "connection_logs", "health_check_logs"):
        if values.get(f"{log}.s3.enabled") == "true" and not values.get(f"{log}.s3.bucket"):
            yield f"{log}.s3.enabled is true without {log}.s3.bucket"


def _name(properties: Properties) -> Iterator[str]:
    if (name := text(properties, "Name")) is not None and not _NAME.fullmatch(name):
        yield f"Name is {name!r}; up to 32 letters, digits and hyphens are allowed, no hyphen first or last"


def load_balancer(properties: Properties) -> Iterator[str]:
    """Yield what the service refuses in a load balancer's name."""
    yield from _name(properties)
    name = text(properties, "Name")
    if name and name.startswith("internal-"):
        yield f"Name is {name!r}; it may not begin with internal-"


def target_group(properties: Properties) -> Iterator[str]:
    """Yield what the service refuses in a target group and its health check."""
    yield from _name(properties)
    path = text(properties, "HealthCheckPath")
    if path and not path.startswith("/"):
        yield f"HealthCheckPath is {path!r}; it begins with /"
    port = text(properties, "HealthCheckPort")
    if port and port != "traffic-port" and not (port.isdigit() and int(port) in PORTS[1:]):
        yield f"HealthCheckPort is {port}; 1 to {PORTS.stop - 1}, or traffic-port, are allowed"
    yield from _patience(properties)
    matcher = properties.get("Matcher")
    codes = text(matcher, "HttpCode") if isinstance(matcher, Mapping) else None
    matched = _MATCHED.get(text(properties, "Protocol") or _UNKNOWN, _MATCHED_OF_ANY)
    for part in codes.split(",") if codes else ():
        first, _, last = part.partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            continue  # the plan says how it is written
        low, high = int(first), int(last or first)
        if low not in matched or high not in matched or low > high:
            yield f"Matcher.HttpCode has {part}; codes from {matched.start} to {matched.stop - 1} are allowed"


def _patience(properties: Properties) -> Iterator[str]:
    """Yield a fault where a health check waits for as long as from one to the next, or longer.

    What is not written has its default, which who shortens an interval to five seconds forgets.
    """
    is_http = text(properties, "Protocol") in _OF_HTTP
    interval, timeout = (
        number(properties, name) if name in properties else default if is_http else None
        for name, default in (("HealthCheckIntervalSeconds", _INTERVAL), ("HealthCheckTimeoutSeconds", _TIMEOUT))
    )
    if interval is not None and timeout is not None and timeout >= interval:
        yield f"HealthCheckTimeoutSeconds {timeout:g} must be below HealthCheckIntervalSeconds {interval:g}"


def listener(properties: Properties) -> Iterator[str]:
    """Yield what the service refuses in a listener."""
    policy, protocol = text(properties, "SslPolicy"), text(properties, "Protocol")
    if policy and not policy.startswith("ELBSecurityPolicy-"):
        yield f"SslPolicy is {policy!r}; AWS's own begin with ELBSecurityPolicy-"
    certificates = properties.get("Certificates")
    if isinstance(certificates, list) and certain(certificates) and len(certificates) > 1:
        yield f"it has {len(certificates)} Certificates; one is its default, others are ListenerCertificates"
    if protocol is None or protocol in _ENCRYPTED:
        return
    if policy:
        yield f"SslPolicy does not go with the Protocol {protocol}"
    if certificates and certain(certificates):
        yield f"Certificates do not go with the Protocol {protocol}"


def listener_rule(properties: Properties) -> Iterator[str]:
    """Yield what the service refuses in a rule."""
    conditions = properties.get("Conditions")
    if conditions == []:
        yield "it has no condition"
    if not isinstance(conditions, list) or not certain(conditions):
        return
    fields = [field for each in mappings(conditions) if (field := text(each, "Field"))]
    for field in dict.fromkeys(fields):
        if field not in _REPEATED and fields.count(field) > 1:
            yield f"it has {fields.count(field)} conditions of {field}; one is allowed, with several values"
    plain, regular = ([value for each in mappings(conditions) for value in _values(each, name)] for name in _COMPARED)
    if (together := len(plain) + len(regular)) > _VALUES:
        yield f"its conditions have {together} values together; {_VALUES} are allowed"
    wild = sum(str(value).count(sign) for value in plain for sign in "*?")
    if wild > _WILDCARDS:
        yield f"its conditions have {wild} wildcards together; {_WILDCARDS} are allowed"


def _values(condition: Properties, name: str) -> Iterator[Any]:
    """Yield what a condition compares with, as far as it is known; of a pair of a query string the value."""
    for place in (condition, *(each for key, each in condition.items() if key.endswith("Config"))):
        values = place.get(name) if isinstance(place, Mapping) else None
        if isinstance(values, list) and certain(values):
            yield from (each.get("Value") if isinstance(each, Mapping) else each for each in values)
