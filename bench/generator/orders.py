"""What a client's process is asked to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """The client (person, browser, connection, http or fast), the page, how many users, and the processor to run on.

    With ``seconds``, users without pauses are measured for so long, after a second to warm up. Without, users at rest:
    they are made, and then load the page once each. ``kept`` connections, or a new one each time; ``resumed`` TLS
    sessions, or full handshakes.
    """

    client: str
    url: str
    users: int
    core: int
    seconds: float | None = None
    kept: bool = True
    resumed: bool = True
