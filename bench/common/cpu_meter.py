"""CPU time of a container, from its control group: version 1 (cpuacct, nanoseconds) and 2 (cpu.stat, microseconds)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class Unreadable(Exception):
    """The control group of a container is not to be seen from here; the message says what to do."""


def counter(membership: str, root: Path = ROOT) -> Path:
    """Return the file that counts the CPU time of a process's group, from the text of its /proc/PID/cgroup."""
    groups = {}
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path.lstrip("/")
    if "cpuacct" in groups:
        for folder in ("cpuacct", "cpu,cpuacct"):
            if (root / folder).is_dir():
                return root / folder / groups["cpuacct"] / "cpuacct.usage"
    if "" in groups:
        return root / groups[""] / "cpu.stat"
    raise Unreadable(f"no CPU accounting in control groups {membership.split()!r}: run on Linux, beside the engine")


def seconds(file: str, text: str) -> float:
    """Read CPU seconds from a counter's file name and text."""
    if file == "cpuacct.usage":
        return int(text) / 1e9
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == "usage_usec":
            return int(value) / 1e6
    raise Unreadable(f"{file} has no usage_usec")


@dataclass(frozen=True)
class Meter:
    """Reads the CPU seconds of containers, by name; ``pids`` are their first processes."""

    files: Mapping[str, Path]

    @classmethod
    def of(cls, pids: Mapping[str, int]) -> Meter:
        """Make the meter of running containers. Raise Unreadable where their groups are not to be seen."""
        files = {}
        for name, pid in pids.items():
            try:
                files[name] = counter(Path(f"/proc/{pid}/cgroup").read_text())
                files[name].read_text()
            except OSError as error:
                raise Unreadable(
                    f"the CPU time of the container {name} cannot be read ({error}): the benchmark must run on the "
                    "Linux machine that runs the containers, as a user who may read /sys/fs/cgroup"
                ) from None
        return cls(files)

    def read(self) -> dict[str, float]:
        """Read the CPU seconds since each container's start."""
        return {name: seconds(path.name, path.read_text()) for name, path in self.files.items()}

    def idle(self, share: float = 0.05, within: float = 1.0) -> bool:
        """Return whether the containers come to rest in time: a tenth of a second with less than a share of a core."""
        deadline = time.monotonic() + within
        while True:
            before, start = sum(self.read().values()), time.monotonic()
            time.sleep(0.1)
            if sum(self.read().values()) - before < share * (time.monotonic() - start):
                return True
            if time.monotonic() > deadline:
                return False
