"""A load balancer: target groups, listeners, rules."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.statements import Firewall


@dataclass(frozen=True)
class TargetGroup:
    """A target group with its health check; times in seconds; ``matcher`` as the template writes it ("200-299")."""

    key: Key
    port: int
    algorithm: str
    deregistration_delay: int
    slow_start: int
    check_path: str
    check_port: int | None
    matcher: str
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int


@dataclass(frozen=True)
class Forward:
    """Send the request to a target group."""

    group: TargetGroup


@dataclass(frozen=True)
class Redirect:
    """Answer with a redirect; parts may hold ALB's placeholders ``#{host}`` ``#{path}`` ``#{query}`` and so on."""

    protocol: str
    host: str
    port: str
    path: str
    query: str
    status: int


@dataclass(frozen=True)
class FixedResponse:
    """Answer from the load balancer itself."""

    status: int
    content_type: str
    body: str


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True)
class RuleCondition:
    """One condition of a rule: one of its ``values`` matches; ``regular`` where they are regular expressions.

    ``header`` is the one that an ``http-header`` condition looks at. ``keys`` are those of a ``query-string``
    condition's values, empty where any key will do.
    """

    field: str
    values: tuple[str, ...]
    regular: bool = False
    header: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A listener rule: all ``conditions`` must hold."""

    priority: int
    conditions: tuple[RuleCondition, ...]
    action: Action


@dataclass(frozen=True)
class Listener:
    """A listener's port and what it does with a request."""

    port: int
    tls: bool
    default: Action
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class LoadBalancer:
    """An application load balancer, reached at ``host:port`` on this machine; times in seconds.

    ``names`` are the public names that lead to it, ``certified`` those that its certificates are for.
    """

    key: Key
    network: str
    host: str
    port: int
    idle_timeout: int
    keep_alive: int
    drop_invalid_headers: bool
    forwarded_for: str
    http2: bool
    listeners: tuple[Listener, ...]
    names: tuple[str, ...] = ()
    certified: tuple[str, ...] = ()
    firewall: Firewall | None = None
