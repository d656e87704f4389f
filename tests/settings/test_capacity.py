"""What fits where."""

from __future__ import annotations

import pytest

from settings import capacity


@pytest.mark.parametrize(
    ("cpu", "fits", "does_not"),
    [
        (256, (512, 1024, 2048), (3072, 4096)),
        (512, (1024, 4096), (512, 5120)),
        (1024, (2048, 8192), (1024, 9216)),
        (4096, (8192, 30720), (7168, 31744)),
        (8192, (16384, 20480, 61440), (17408, 65536)),
        (16384, (32768, 40960, 122880), (36864, 131072)),
    ],
)
def test_fargate_sizes(cpu: int, fits: tuple[int, ...], does_not: tuple[int, ...]) -> None:
    assert all(mib in capacity.FARGATE_MEMORY[cpu] for mib in fits)
    assert not any(mib in capacity.FARGATE_MEMORY[cpu] for mib in does_not)


@pytest.mark.parametrize(
    ("memory", "pools"),
    [
        (1024, capacity.Pools(pages=5, editors=3, claims=4)),
        (2048, capacity.Pools(pages=16, editors=4, claims=8)),
        (4096, capacity.Pools(pages=35, editors=8, claims=16)),
        (30720, capacity.Pools(pages=276, editors=68, claims=120)),
    ],
)
def test_children_fit_the_memory(memory: int, pools: capacity.Pools) -> None:
    assert capacity.pools(memory) == pools


@pytest.mark.parametrize("memory", sorted({m for sizes in capacity.FARGATE_MEMORY.values() for m in sizes} - {512}))
def test_no_task_is_promised_more_memory_than_it_has(memory: int) -> None:
    pools = capacity.pools(memory)
    free = memory - capacity.RESERVED_MIB - pools.mib
    assert 0 <= free < capacity.PHP_CHILD_MIB
    assert min(pools.pages, pools.claims) >= 4 and pools.editors >= 3


@pytest.mark.parametrize(
    ("units", "connections"),
    [(1, 80), (1.5, 80), (2, 80), (3.5, 80), (4, 125), (8, 990), (16, 1990), (32, 2990), (192, 5990), (256, 5990)],
)
def test_connections_by_capacity(units: float, connections: int) -> None:
    assert capacity.max_connections(units) == connections
