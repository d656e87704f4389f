"""The servers that tasks ask: a database, a mail server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.fargate.desired.key import Key


@dataclass(frozen=True)
class Capacity:
    """What the capacity of a database means here; ``minimum`` and ``maximum`` in Aurora's units.

    With a minimum of 0 it pauses after ``idle`` seconds without a client; None: it never does.
    """

    minimum: float
    maximum: float
    memory_mib: int
    idle: int | None


@dataclass(frozen=True)
class Database:
    """A database cluster: ``aliases`` are its endpoints' names in the container network.

    ``snapshot`` is the ARN or name of the snapshot that it begins with; None: it begins empty.
    """

    key: Key
    network: str
    aliases: tuple[str, ...]
    port: int
    name: str | None
    user: str
    password: str = field(repr=False)
    max_connections: int
    capacity: Capacity
    parameters: Mapping[str, str]
    snapshot: str | None = None


@dataclass(frozen=True)
class MailServer:
    """A mail server by SMTP, known as ``host`` in the container network; mails that it takes stay on this machine."""

    key: Key
    network: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
