"""Loopback ports: wished for by ``PORTS``, else, and beyond these, the first that is free."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterator, Sequence

from containers.errors import PortRefused

FIRST = 8080
LAST = 65535


def wished(text: str | None) -> tuple[int, ...]:
    """Read the ports that ``PORTS`` names (``9000,9001``), in order. Raise ``PortRefused`` for what is no port."""
    ports = []
    for word in (text or "").replace(",", " ").split():
        if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= LAST:
            raise PortRefused(f"PORTS={text}: {word} is no port; give numbers from 1 to 65535, such as PORTS=9000,9001")
        ports.append(int(word))
    return tuple(ports)


def choose(
    wishes: Sequence[int], assigned: Collection[int], free: Callable[[int], bool], say: Callable[[str], None]
) -> int:
    """Choose the first port that is wished for, not yet given, and free; say which were taken.

    Beyond the wishes it is the next one after the last of them, and from 8080 on where there are none.
    """
    for port in _candidates(wishes):
        if port in assigned:
            continue
        if free(port):
            return port
        say(f"port {port} is taken by another program: trying the next (PORTS=9000,9001 chooses)")
    raise PortRefused("no free port is left: name free ones, such as PORTS=9000,9001")


def _candidates(wishes: Sequence[int]) -> Iterator[int]:
    yield from wishes
    yield from range(wishes[-1] + 1 if wishes else FIRST, LAST + 1)


def is_free(port: int) -> bool:
    """Return whether this machine's loopback would let a server listen on ``port`` now."""
    with socket.socket() as probe:
        # As a server would: a connection of an earlier one that lingers does not make the port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
