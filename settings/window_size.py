"""What a registration window is expected to need: tasks, database capacity, capacity units of the load balancer.

Figures measured on one core of the benchmark's machine (docs/benchmark.md) are doubled for a vCPU, which is one thread
of a core, and their sum is taken ``HEADROOM`` times: what a storm of so many people on dev has not shown is a guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# People who wait reload every two seconds in the mean, and the answer is a page from nginx's cache: 12.4 us of CPU
# compressed and 18.2 us plain, over kept connections (docs/benchmark.md, "The page").
RELOADS_PER_SECOND = 0.5
RELOAD_CPU = 20e-6
# Each task builds a page anew once a second, however many ask: 30 ms of PHP (stages/scaling.py).
BUILT_ANEW_CPU = 0.03
# Filling in the form takes a minute in the median (loadtest/people.toml), so so many of the people claim in a second.
CLAIMS_PER_PERSON = 1 / 60
# 683 us in the task and 523 us in the database (docs/benchmark.md, "Claims").
CLAIM_CPU = 700e-6
CLAIM_DATABASE_CPU = 550e-6
THREADS_PER_CORE = 2
HEADROOM = 4
# "Approximately 2 GiB of memory with corresponding CPU" is all that AWS says of a capacity unit; a quarter of a vCPU is
# what 16 GiB for two vCPU make of it (db.r6g.large). To be checked by a storm on dev with prod's capacity.
VCPU_PER_ACU = 0.25

# Of one capacity unit of the load balancer: 25 new connections a second, 3,000 open ones, 1 GB an hour
# (aws.amazon.com/elasticloadbalancing/pricing, 2026-11). Reservations begin at 100 (Elastic Load Balancing User Guide,
# "Capacity reservations"); below that a load balancer bears by itself what comes.
NEW_CONNECTIONS, OPEN_CONNECTIONS, GB_PER_HOUR = 25, 3000, 1
LEAST_UNITS = 100
# A page with its headers, compressed; most reloads bring 304 and 200 bytes, and nobody knows beforehand how many.
RELOAD_BYTES = 9_000
# All come within so many seconds at the opening, each with a new connection.
ARRIVAL_SECONDS = 10


@dataclass(frozen=True)
class WindowSize:
    """What stands while a window is open; ``units`` are 0 where no reservation is needed."""

    requests_per_second: float
    claims_per_second: float
    vcpus: float
    tasks: int
    min_acu: float
    units: int


def window_size(
    people: int,
    *,
    vcpus_per_task: float,
    reloads: float = RELOADS_PER_SECOND,
    claims_per_person: float = CLAIMS_PER_PERSON,
) -> WindowSize:
    """Return what so many people need, of tasks with so many vCPU; each reloads and claims so often a second."""
    requests, claims = people * reloads, people * claims_per_person
    of_crowd = THREADS_PER_CORE * HEADROOM * (requests * RELOAD_CPU + claims * CLAIM_CPU)
    left_by_a_task = vcpus_per_task - THREADS_PER_CORE * BUILT_ANEW_CPU
    tasks = max(1, math.ceil(of_crowd / left_by_a_task))
    acu = THREADS_PER_CORE * HEADROOM * claims * CLAIM_DATABASE_CPU / VCPU_PER_ACU
    units = math.ceil(
        max(
            people / ARRIVAL_SECONDS / NEW_CONNECTIONS,
            people / OPEN_CONNECTIONS,
            requests * RELOAD_BYTES * 3600 / 1e9 / GB_PER_HOUR,
        )
    )
    return WindowSize(
        requests_per_second=requests,
        claims_per_second=claims,
        vcpus=tasks * vcpus_per_task,
        tasks=tasks,
        min_acu=max(0.5, math.ceil(acu * 2) / 2),
        units=units if units >= LEAST_UNITS else 0,
    )
