"""What one run measured: plain rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import Field

from bench.common.stored import Stored


@dataclass(frozen=True)
class Rate:
    """One measurement of the page.

    Good answers per second, percentiles in ms, CPU seconds that the site ``used``, and ``php`` of them; ``load`` is the
    load's own share of its core: near 1 the load limits the rate, not the site.
    """

    variant: str
    gzip: bool
    keep_alive: bool
    connections: int
    round: int
    rate: float
    used: float
    php: float
    p50: float
    p95: float
    p99: float
    answers: int
    errors: int
    load: float

    @property
    def cpu(self) -> float:
        """µs of the site's CPU for each good answer; infinite when there was none."""
        return self.used / self.answers * 1e6 if self.answers else math.inf

    @property
    def php_cpu(self) -> float:
        """PHP's part of it."""
        return self.php / self.answers * 1e6 if self.answers else math.inf


@dataclass(frozen=True)
class Reload:
    """What the front page costs somebody who has it, or a file that is sent whole: µs of CPU and bytes of an answer."""

    variant: str
    gzip: bool
    round: int
    rate: float
    cpu: float
    size: float


@dataclass(frozen=True)
class FirstLoad:
    """A page with its styles and scripts to somebody who has nothing: answers, and their bytes with their heads."""

    variant: str
    page: str
    answers: int
    size: int


@dataclass(frozen=True)
class StormBytes:
    """People who reload a course's page as browsers do, before and after its opening: good pages, and bytes in all."""

    variant: str
    people: int
    good: int
    size: int
    lag: float


@dataclass(frozen=True)
class Claims:
    """One measurement of a claim path.

    Seats stored per second, µs of the site's CPU, of PHP in it, and of the database's for each.
    """

    path: str
    round: int
    rate: float
    cpu: float
    php: float
    database: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Collapse:
    """People, then more people.

    Good pages per second before, during and long after; seconds to recover (None: never) of the ``watched`` ones; the
    waiting page's 99th percentile in ms (None: nobody saw it); good pages by second.
    """

    variant: str
    before: float
    during: float
    after: float
    recovery: float | None
    watched: float
    waiting: int
    waiting_p99: float | None
    errors: int
    aborts: int
    lag: float
    good: list[int]


@dataclass(frozen=True)
class Overload:
    """Ten times what cannot be cached: good pages per second at best and when overloaded; otherwise as in Collapse."""

    round: int
    peak: float
    offered: float
    goodput: float
    recovery: float | None
    waiting: int
    waiting_p99: float | None
    errors: int
    aborts: int
    lag: float
    good: list[int]


@dataclass(frozen=True)
class Dashboard:
    """Screens opened amid the overload, those that failed, and the 95th percentile in s (None: of nothing)."""

    screens: int
    failed: int
    p95: float | None
    lag: float


@dataclass(frozen=True)
class Crowd:
    """So many people reload one page: good pages per second to them, pages per second by PHP, PHP's share of a core."""

    people: int
    good: float
    rendered: float
    php: float
    lag: float


@dataclass(frozen=True)
class Start:
    """Seconds from a task's start to its first page, on an empty database or a filled one."""

    empty: bool
    seconds: float
    cpus: float


class Record(Stored):
    """A whole run."""

    rates: list[Rate] = Field(default_factory=list)
    reloads: list[Reload] = Field(default_factory=list)
    first_loads: list[FirstLoad] = Field(default_factory=list)
    storms: list[StormBytes] = Field(default_factory=list)
    claims: list[Claims] = Field(default_factory=list)
    collapses: list[Collapse] = Field(default_factory=list)
    overloads: list[Overload] = Field(default_factory=list)
    dashboards: list[Dashboard] = Field(default_factory=list)
    crowds: list[Crowd] = Field(default_factory=list)
    starts: list[Start] = Field(default_factory=list)
    images: dict[str, float] = Field(default_factory=dict)

    def rounds(self, variant: str, *, gzip: bool, keep_alive: bool = True, connections: int = 32) -> list[Rate]:
        """Return the measurements of one cell of the table, by round."""
        return sorted(
            (
                rate
                for rate in self.rates
                if (rate.variant, rate.gzip, rate.keep_alive, rate.connections)
                == (variant, gzip, keep_alive, connections)
            ),
            key=lambda rate: rate.round,
        )
