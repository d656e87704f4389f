"""One limit of CPU and memory for all containers of a task, as Fargate has it: a parent control group."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from containers.client import Client

PERIOD_US = 100_000
_EMPTY_WITHIN = 5.0  # seconds until the kernel has let go of a group whose processes have ended
_POLL = 0.05
ROOT = Path("/sys/fs/cgroup")
_drivers: dict[tuple[str, ...], str] = {}


@dataclass(frozen=True)
class Usage:
    """What a task has used since it began, and what it holds now without files that the kernel may drop at once."""

    cpu_seconds: float
    memory_bytes: int


class ControlGroups:
    """Makes and removes the parent control groups of tasks.

    Where there can be none, that is said once, and ``create`` gives None: then each container alone gets the limits.
    """

    def __init__(self, client: Client, root: Path = ROOT) -> None:
        self._root = root
        self._prefix = client.ctx.prefix
        self._say = client.ctx.say
        self.version = 2 if (root / "cgroup.controllers").exists() else 1
        self._unavailable = False
        obstacle = self._obstacle(client)
        if obstacle:
            self.give_up(obstacle)

    def give_up(self, reason: str) -> None:
        """Go over to limits for each container alone."""
        if not self._unavailable:
            self._say(f"no shared limit for a task's containers ({reason}): each alone gets the task's CPU and memory")
        self._unavailable = True

    def _obstacle(self, client: Client) -> str | None:
        if os.geteuid() != 0:
            return "only root can make control groups"
        driver = _driver(client)
        if driver != "cgroupfs":
            return f"the container engine's cgroup driver is {driver or 'unknown'}, not cgroupfs"
        if not all(folder.is_dir() and os.access(folder, os.W_OK) for folder in self._folders("")):
            return f"{self._root} is not writable"
        return None

    def _folders(self, name: str) -> list[Path]:
        """Return the group's folders: for CPU and for memory, which are one in version 2."""
        roots = [self._root] if self.version == 2 else [self._root / "cpu", self._root / "memory"]
        return [folder / name for folder in roots]

    def create(self, task: str, cpu_units: int, memory_mib: int) -> str | None:
        """Make a task's group and return the value of ``--cgroup-parent``, or None where no limit can be shared."""
        if self._unavailable:
            return None
        quota, memory = cpu_units * PERIOD_US // 1024, memory_mib * 1024 * 1024
        if self.version == 2:
            (self._root / "cgroup.subtree_control").write_text("+cpu +memory")
        folders = self._folders(task)
        for folder in folders:
            folder.mkdir(exist_ok=True)
        if self.version == 2:
            (folders[0] / "cpu.max").write_text(f"{quota} {PERIOD_US}")
            (folders[0] / "memory.max").write_text(str(memory))
            _write_if_there(folders[0] / "memory.swap.max", 0)
        else:
            cpu, mem = folders
            (cpu / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (cpu / "cpu.cfs_quota_us").write_text(str(quota))
            (mem / "memory.limit_in_bytes").write_text(str(memory))
            _write_if_there(mem / "memory.memsw.limit_in_bytes", memory)
        return f"/{task}"

    def holds(self, task: str, container_id: str) -> bool:
        """Return whether a container really runs inside its task's group: an engine elsewhere has groups of its own."""
        return all((folder / container_id).is_dir() for folder in self._folders(task))

    @property
    def available(self) -> bool:
        """Whether tasks have groups of their own."""
        return not self._unavailable

    def names(self, beginning: str) -> list[str]:
        """Return the groups of tasks whose names begin so."""
        return sorted(folder.name for folder in self._folders("")[0].glob(f"{beginning}*") if folder.is_dir())

    def usage(self, task: str) -> Usage | None:
        """Return what a task uses; None where it has just gone."""
        try:
            if self.version == 2:
                folder = self._root / task
                cpu = _figure(folder / "cpu.stat", "usage_usec") / 1e6
                held, droppable = int((folder / "memory.current").read_text()), "inactive_file"
            else:
                folder = self._root / "memory" / task
                cpu = int((self._root / "cpuacct" / task / "cpuacct.usage").read_text()) / 1e9
                held, droppable = int((folder / "memory.usage_in_bytes").read_text()), "total_inactive_file"
            return Usage(cpu, held - _figure(folder / "memory.stat", droppable))
        except FileNotFoundError:
            return None

    def remove(self, task: str) -> None:
        """Remove a task's group once its containers are gone; the engine makes it under every controller."""
        deadline = time.monotonic() + _EMPTY_WITHIN
        for folder in self._all(task):
            for child in [*sorted((c for c in folder.rglob("*") if c.is_dir()), reverse=True), folder]:
                while not _removed(child) and time.monotonic() < deadline:
                    time.sleep(_POLL)

    def leftovers(self) -> list[str]:
        """Return the groups of this checkout that exist."""
        return sorted({folder.name for folder in self._all(f"{self._prefix}-*")})

    def _all(self, pattern: str) -> list[Path]:
        found = self._root.glob(pattern) if self.version == 2 else self._root.glob(f"*/{pattern}")
        return sorted(folder for folder in found if folder.is_dir() and not folder.parent.is_symlink())


def _write_if_there(file: Path, value: int) -> None:
    """Limit swapping, where the kernel counts it: Fargate has no swap, so what does not fit in memory ends there."""
    if file.exists():
        file.write_text(str(value))


def _driver(client: Client) -> str:
    """Return the engine's driver of control groups, "" if it does not say. It is asked once in a process."""
    driver = _drivers.get(client.ctx.docker) or client.run("info", "--format", "{{.CgroupDriver}}").stdout.strip()
    if driver:
        _drivers[client.ctx.docker] = driver
    return driver


def _figure(file: Path, name: str) -> int:
    found = re.search(rf"^{name} (\d+)$", file.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
