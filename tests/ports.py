"""Loopback ports for what a test starts later: nobody takes them in between.

The kernel gives the ports above these to whoever connects or asks for any, and a connection that has ended keeps its
port for a minute: a port of that range may be free now and taken when the container that is to have it comes up.
"""

from __future__ import annotations

import random

from containers.ports import is_free

FIRST, LAST = 10_000, 32_000
# How far above its plain port a load balancer has the one with TLS.
SECURE = 363

_given: set[int] = set()


def free_port() -> int:
    """Return a port on which nothing listens, nor on the one for TLS beside it.

    This process gets neither a second time.
    """
    while True:
        port = random.randint(FIRST, LAST)
        both = {port, port + SECURE}
        if not both & _given and all(is_free(each) for each in both):
            _given.update(both)
            return port
