"""A task's control group says the task's limits, in both versions of the kernel's interface."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import Client
from tests.rehearsal.fargate.conftest import docker, engine


@pytest.fixture
def client(tmp_path: Path) -> Client:
    if os.geteuid() != 0 or docker("info", "--format", "{{.CgroupDriver}}") != "cgroupfs":
        pytest.skip("control groups are the engine's own business here")
    return Client(Context(tmp_path, engine().docker, {}, lambda line: None, lambda *_: ""))


def test_version_1(tmp_path: Path, client: Client) -> None:
    for controller in ("cpu", "memory"):
        (tmp_path / controller).mkdir()
    assert ControlGroups(client, tmp_path).create("task", cpu_units=512, memory_mib=1024) == "/task"
    assert (tmp_path / "cpu/task/cpu.cfs_period_us").read_text() == "100000"
    assert (tmp_path / "cpu/task/cpu.cfs_quota_us").read_text() == "50000"
    assert (tmp_path / "memory/task/memory.limit_in_bytes").read_text() == str(1024**3)


def test_version_2(tmp_path: Path, client: Client) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    assert ControlGroups(client, tmp_path).create("task", cpu_units=2048, memory_mib=4096) == "/task"
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu +memory"
    assert (tmp_path / "task/cpu.max").read_text() == "200000 100000"
    assert (tmp_path / "task/memory.max").read_text() == str(4 * 1024**3)
    assert not (tmp_path / "task/memory.swap.max").exists()


@pytest.mark.parametrize(
    ("version", "file", "limit"),
    [
        pytest.param(1, "memory/task/memory.memsw.limit_in_bytes", 1024**3, id="memory and swap in version 1"),
        pytest.param(2, "task/memory.swap.max", 0, id="swap in version 2"),
    ],
)
def test_a_task_does_not_swap_where_the_kernel_counts_it(
    tmp_path: Path, client: Client, version: int, file: str, limit: int
) -> None:
    (tmp_path / "cpu" / "task").mkdir(parents=True)
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).touch()
    if version == 2:
        (tmp_path / "cgroup.controllers").write_text("cpu memory")
    ControlGroups(client, tmp_path).create("task", cpu_units=512, memory_mib=1024)
    assert int((tmp_path / file).read_text()) == limit


def test_where_there_can_be_none_it_is_said_once(tmp_path: Path, client: Client) -> None:
    lines: list[str] = []
    mute = Client(Context(tmp_path, engine().docker, {}, lines.append, lambda *_: ""))
    groups = ControlGroups(mute, tmp_path / "nowhere")
    assert groups.create("task", 512, 1024) is groups.create("other", 512, 1024) is None
    assert len(lines) == 1
    assert "each alone gets the task's CPU and memory" in lines[0]


def test_only_this_checkouts_groups_are_left_over(tmp_path: Path, client: Client) -> None:
    (tmp_path / "cgroup.controllers").touch()
    groups, mine = ControlGroups(client, tmp_path), f"{client.ctx.prefix}-task"
    for name in (mine, "fg-00000000-task", "docker"):
        (tmp_path / name / "container").mkdir(parents=True)
    assert groups.leftovers() == [mine]
    groups.remove(mine)
    assert sorted(folder.name for folder in tmp_path.iterdir() if folder.is_dir()) == ["docker", "fg-00000000-task"]
