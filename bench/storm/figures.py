"""What one client's process measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """Users without pauses: answers in so many seconds, for so many CPU seconds of the client's process; the ``total``
    of requests since it started, and how many of those had no good answer."""

    answers: int
    seconds: float
    cpu: float
    total: int
    failures: int

    @property
    def per_core(self) -> float:
        """Answers per second of CPU: what one whole core does in a second."""
        return self.answers / self.cpu if self.cpu else 0.0

    @property
    def rate(self) -> float:
        """Answers per second of the clock."""
        return self.answers / self.seconds


@dataclass(frozen=True)
class Rest:
    """Users at rest: CPU seconds to make them, CPU seconds of their first page, bytes of memory that they take once
    they have it, with their connections open."""

    users: int
    made: float
    loaded: float
    memory: int
    failures: int
