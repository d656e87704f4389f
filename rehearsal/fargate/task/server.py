"""A task as a load balancer's server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    """A task in a target group: a name that is unique in it, and where it is reached in the container network.

    ``host`` is a name that lasts as long as the task, ``address`` what it means at the moment.
    """

    name: str
    host: str
    address: str
    port: int


Servers = Mapping[str, Sequence[Server]]
