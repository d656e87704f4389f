"""What fits where: Fargate's task sizes, php-fpm's children in a task, connections to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_GIB = 1024

# MiB that Fargate accepts for each number of CPU units.
# Amazon ECS Developer Guide, "Task CPU and memory" (Linux, platform version 1.4.0).
FARGATE_MEMORY: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}

# nginx, the masters, opcache and the install step's peak; then one WordPress request with WordPress's own
# default limit of 64 MiB for a site with many plugins, and PHP's overhead beside it.
RESERVED_MIB = 256
PHP_CHILD_MIB = 80

# A claim loads no WordPress: PHP itself, its part of opcache, and one form. Children for it beyond the least go by
# memory, because Fargate's CPU does: 2 to 8 GiB for each vCPU make 8 to 32, and a claim waits for the database's
# commit about five times as long as it computes.
CLAIM_CHILD_MIB = 24
_TASK_MIB_PER_CLAIM_CHILD = 256

# One screen of the dashboard asks for several things at once, and an upload keeps a child for minutes.
_LEAST_EDITORS = 3
_SHARE_OF_EDITORS = 5  # one full child in so many

# Less leaves fewer than five children for pages: one slow plugin, and nobody else is served.
SMALLEST_TASK_MIB = 1024

# Default max_connections of Aurora MySQL by the *maximum* of capacity units, whatever the minimum is: the cap of
# 2,000 for a minimum of 0 or 0.5 is PostgreSQL's alone. Aurora User Guide, "Performance and scaling for Serverless
# v2", section "Maximum connections for Aurora Serverless v2" (aurora-serverless-v2.setting-capacity.html), 2026-11.
_MAX_CONNECTIONS: Sequence[tuple[float, int]] = (
    (1, 90),
    (4, 135),
    (8, 1000),
    (16, 2000),
    (32, 3000),
    (64, 4000),
    (128, 5000),
    (192, 6000),
)

# An administrator, monitoring, Aurora's own sessions, and the scheduled work.
SPARE_CONNECTIONS = 10


@dataclass(frozen=True)
class Pools:
    """php-fpm's children in one task: for anonymous pages, for people who are logged in, for claims."""

    pages: int
    editors: int
    claims: int

    @property
    def children(self) -> int:
        """All of them; each may hold a connection to the database."""
        return self.pages + self.editors + self.claims

    @property
    def mib(self) -> int:
        """What they take when all are at work."""
        return (self.pages + self.editors) * PHP_CHILD_MIB + self.claims * CLAIM_CHILD_MIB

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that php-fpm's configuration reads."""
        return {
            "PHP_CHILDREN": str(self.pages),
            "PHP_EDITOR_CHILDREN": str(self.editors),
            "PHP_CLAIM_CHILDREN": str(self.claims),
        }


def pools(memory_mib: int) -> Pools:
    """Return the pools of a task of so much memory: as many children as fit, so that full pools are not killed."""
    claims = memory_mib // _TASK_MIB_PER_CLAIM_CHILD
    full = (memory_mib - RESERVED_MIB - claims * CLAIM_CHILD_MIB) // PHP_CHILD_MIB
    editors = max(_LEAST_EDITORS, full // _SHARE_OF_EDITORS)
    return Pools(pages=full - editors, editors=editors, claims=claims)


def connections(*, tasks: int, children: int) -> int:
    """Return the database connections at the worst moment: a deployment runs old and new tasks side by side."""
    return 2 * tasks * children


def max_connections(max_acu: float) -> int:
    """Return the connections that a cluster of so many capacity units at most leaves to the site."""
    return max(limit for acu, limit in _MAX_CONNECTIONS if acu <= max_acu) - SPARE_CONNECTIONS
