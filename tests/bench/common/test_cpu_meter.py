"""Where the CPU time of a container is counted, and what the counter says."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bench.common import cpu_meter

VERSION_1 = "11:cpuset:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/docker/abc\n"
SEPARATE = "4:cpuacct:/docker/abc\n3:cpu:/docker/abc\n"
VERSION_2 = "0::/system.slice/docker-abc.scope\n"


@pytest.mark.parametrize(
    ("membership", "folders", "expected"),
    [
        pytest.param(
            VERSION_1,
            ["cpu,cpuacct"],
            "cpu,cpuacct/docker/abc/cpuacct.usage",
            id="version 1, CPU and accounting together",
        ),
        pytest.param(
            VERSION_1,
            ["cpuacct", "cpu,cpuacct"],
            "cpuacct/docker/abc/cpuacct.usage",
            id="version 1, both names there",
        ),
        pytest.param(SEPARATE, ["cpuacct"], "cpuacct/docker/abc/cpuacct.usage", id="version 1, accounting apart"),
        pytest.param(VERSION_2, [], "system.slice/docker-abc.scope/cpu.stat", id="version 2"),
        pytest.param(VERSION_1, [], "docker/abc/cpu.stat", id="version 2 beside version 1"),
    ],
)
def test_the_counter(tmp_path: Path, membership: str, folders: list[str], expected: str) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    assert cpu_meter.counter(membership, tmp_path) == tmp_path / expected


def test_without_accounting_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(cpu_meter.Unreadable, match="run on Linux"):
        cpu_meter.counter("5:memory:/docker/abc\n", tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("cpuacct.usage", "1500000000\n", 1.5),
        ("cpu.stat", "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n", 2.5),
    ],
)
def test_seconds(file: str, text: str, expected: float) -> None:
    assert cpu_meter.seconds(file, text) == expected


def test_a_file_without_the_figure_is_no_zero() -> None:
    with pytest.raises(cpu_meter.Unreadable, match="usage_usec"):
        cpu_meter.seconds("cpu.stat", "user_usec 1\n")


def test_a_real_group_counts_real_work() -> None:
    meter = cpu_meter.Meter.of({"this": os.getpid()})
    before, used = meter.read()["this"], time.process_time()
    while time.process_time() - used < 0.2:
        pass
    assert meter.read()["this"] - before >= 0.19


def test_a_process_that_is_gone_is_said() -> None:
    with pytest.raises(cpu_meter.Unreadable, match="of the container ghost cannot be read"):
        cpu_meter.Meter.of({"ghost": 2**22 + 1})
