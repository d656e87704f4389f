"""Which loopback port is taken."""

from __future__ import annotations

import pytest

from containers import ports
from containers.errors import PortRefused


@pytest.mark.parametrize(
    ("wishes", "assigned", "taken", "port"),
    [
        pytest.param((), (), (), 8080, id="nothing wished"),
        pytest.param((), (8080,), (), 8081, id="the first is assigned"),
        pytest.param((), (8080,), (8081, 8082), 8083, id="the next are taken"),
        pytest.param((9000, 9001), (), (9000,), 9001, id="the first wish is taken"),
        pytest.param((9000,), (9000,), (), 9001, id="the only wish is assigned"),
        pytest.param((9000,), (), (9000, 9001), 9002, id="the only wish is taken"),
    ],
)
def test_ports_are_the_first_that_are_free(
    wishes: tuple[int, ...], assigned: tuple[int, ...], taken: tuple[int, ...], port: int
) -> None:
    lines: list[str] = []
    assert ports.choose(wishes, assigned, lambda p: p not in taken, lines.append) == port
    assert [int(line.split()[1]) for line in lines] == list(taken)


def test_no_port_left_is_refused() -> None:
    with pytest.raises(PortRefused, match="PORTS="):
        ports.choose((65535,), (65535,), lambda _: True, print)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("80a", id="letters"),
        pytest.param("0", id="zero"),
        pytest.param("65536", id="too high"),
        pytest.param("-1", id="negative"),
    ],
)
def test_a_wrong_port_is_refused(text: str) -> None:
    with pytest.raises(PortRefused, match="is no port"):
        ports.wished(text)


def test_ports_are_read_with_commas_and_spaces() -> None:
    assert ports.wished("9000, 9001") == (9000, 9001)
