"""A distribution of CloudFront: where it asks, and what it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.statements import Firewall


@dataclass(frozen=True)
class CachePolicy:
    """What of a request tells kept answers apart; nothing is kept where it does not ``keep``.

    ``cookies`` are names in which ``*`` and ``?`` stand for anything; ``encodings`` those that CloudFront tells apart,
    and compresses to.
    """

    keeps: bool
    cookies: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    query: bool = False
    encodings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a front asks: a listener of a load balancer. ``headers`` it says over a visitor's own; times in seconds."""

    balancer: Key
    network: str
    host: str
    port: int
    tls: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)
    connect_timeout: int
    read_timeout: int
    keep_alive: int


@dataclass(frozen=True)
class Behaviour:
    """What a front does with requests of a ``path``, in which ``*`` and ``?`` stand for anything.

    ``viewers`` is the viewer protocol policy; the name that a visitor asks for is passed on where ``own_host`` is true.
    """

    path: str
    origin: Origin
    viewers: str
    methods: tuple[str, ...]
    policy: CachePolicy
    compressed: bool
    own_host: bool


@dataclass(frozen=True)
class Front:
    """A distribution of CloudFront under its ``names``; ``behaviours`` in the order in which they are tried."""

    key: Key
    address: str
    names: tuple[str, ...]
    tls: tuple[str, ...]
    http2: bool
    behaviours: tuple[Behaviour, ...]
    firewall: Firewall | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where it asks, each once."""
        return tuple({(o.balancer, o.port, o.host): o for o in (b.origin for b in self.behaviours)}.values())
