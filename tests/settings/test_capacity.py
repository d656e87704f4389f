"""What fits where."""

from __future__ import annotations

import pytest

from settings import capacity


@pytest.mark.parametrize(
    ("cpu", "fits", "does_not"),
    [
        pytest.param(256, (512, 1024, 2048), (3072, 4096), id="256 CPU units"),
        pytest.param(512, (1024, 4096), (512, 5120), id="512 CPU units"),
        pytest.param(1024, (2048, 8192), (1024, 9216), id="1024 CPU units"),
        pytest.param(4096, (8192, 30720), (7168, 31744), id="4096 CPU units"),
        pytest.param(8192, (16384, 20480, 61440), (17408, 65536), id="8192 CPU units"),
        pytest.param(16384, (32768, 40960, 122880), (36864, 131072), id="16384 CPU units"),
    ],
)
def test_fargate_sizes(cpu: int, fits: tuple[int, ...], does_not: tuple[int, ...]) -> None:
    assert all(mib in capacity.FARGATE_MEMORY[cpu] for mib in fits)
    assert not any(mib in capacity.FARGATE_MEMORY[cpu] for mib in does_not)


@pytest.mark.parametrize(
    ("memory", "pools"),
    [
        pytest.param(1024, capacity.Pools(pages=5, editors=3, claims=4), id="1024 MiB"),
        pytest.param(2048, capacity.Pools(pages=16, editors=4, claims=8), id="2048 MiB"),
        pytest.param(4096, capacity.Pools(pages=35, editors=8, claims=16), id="4096 MiB"),
        pytest.param(30720, capacity.Pools(pages=276, editors=68, claims=120), id="30720 MiB"),
    ],
)
def test_children_fit_the_memory(memory: int, pools: capacity.Pools) -> None:
    assert capacity.pools(memory) == pools


@pytest.mark.parametrize(
    "memory",
    sorted({m for sizes in capacity.FARGATE_MEMORY.values() for m in sizes} - {512}),
    ids=lambda memory: f"{memory} MiB",
)
def test_no_task_is_promised_more_memory_than_it_has(memory: int) -> None:
    pools = capacity.pools(memory)
    free = memory - capacity.RESERVED_MIB - pools.mib
    assert 0 <= free < capacity.PHP_CHILD_MIB
    assert min(pools.pages, pools.claims) >= 4 and pools.editors >= 3


@pytest.mark.parametrize(
    ("units", "connections"),
    [
        pytest.param(1, 80, id="1 ACU"),
        pytest.param(1.5, 80, id="1.5 ACU"),
        pytest.param(2, 80, id="2 ACU"),
        pytest.param(3.5, 80, id="3.5 ACU"),
        pytest.param(4, 125, id="4 ACU"),
        pytest.param(8, 990, id="8 ACU"),
        pytest.param(16, 1990, id="16 ACU"),
        pytest.param(32, 2990, id="32 ACU"),
        pytest.param(192, 5990, id="192 ACU"),
        pytest.param(256, 5990, id="256 ACU"),
    ],
)
def test_connections_by_capacity(units: float, connections: int) -> None:
    assert capacity.max_connections(units) == connections
