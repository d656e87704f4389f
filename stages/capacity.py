"""What fits where: Fargate's task sizes, php-fpm's children in a task, connections to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

# Less leaves fewer than five children: one slow upload and an editor, and nobody else is served.
SMALLEST_TASK_MIB = 1024

# Default max_connections of Aurora MySQL by memory; Serverless v2 takes it from its *maximum* capacity, 2 GiB a unit.
# Aurora User Guide, "Maximum connections to an Aurora MySQL DB instance": instance classes of 2, 4, 8, 16, … GiB.
_MAX_CONNECTIONS: Sequence[tuple[float, int]] = (
    (1, 45),
    (2, 90),
    (4, 135),
    (8, 1000),
    (16, 2000),
    (32, 3000),
    (64, 4000),
    (128, 5000),
    (192, 6000),
)

# An administrator, monitoring, and Aurora's own sessions.
_SPARE_CONNECTIONS = 10


def php_children(memory_mib: int) -> int:
    """php-fpm's pm.max_children in a task of so much memory: as many as fit, so that a full pool is not killed."""
    return (memory_mib - RESERVED_MIB) // PHP_CHILD_MIB


def connections(*, tasks: int, php_children: int) -> int:
    """Database connections at the worst moment: a deployment runs old and new tasks side by side."""
    return 2 * tasks * php_children


def max_connections(max_acu: float) -> int:
    """Connections that a cluster of so many capacity units at most leaves to the site."""
    return max(limit for acu, limit in _MAX_CONNECTIONS if acu <= max_acu) - _SPARE_CONNECTIONS
