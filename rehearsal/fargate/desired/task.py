"""A task: its containers, and what each is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rehearsal.fargate.desired.key import Key


class Condition(StrEnum):
    """When a container that others depend on counts as reached."""

    START = "START"
    COMPLETE = "COMPLETE"
    SUCCESS = "SUCCESS"
    HEALTHY = "HEALTHY"


@dataclass(frozen=True)
class HealthCheck:
    """A container's own health check; times in seconds. ``command`` starts with CMD or CMD-SHELL."""

    command: tuple[str, ...]
    interval: int
    timeout: int
    retries: int
    start_period: int

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as the container's kernel sees it."""
        kind, *rest = self.command
        # The shell runs the first word; what follows it are that line's own arguments, $0, $1, and so on.
        return ("/bin/sh", "-c", *rest) if kind == "CMD-SHELL" else tuple(rest)

    @property
    def patience(self) -> int:
        """Seconds after which a container that never passed counts as unhealthy."""
        return self.start_period + self.retries * max(self.interval, self.timeout)


@dataclass(frozen=True)
class Mount:
    """One of the task's volumes at a path of one container."""

    volume: str
    path: str
    read_only: bool


@dataclass(frozen=True)
class SharedVolume:
    """An EFS file system's folder: ``uid``, ``gid``, ``mode`` are what the folder is made with."""

    file_system: Key
    path: str
    uid: int
    gid: int
    mode: str


@dataclass(frozen=True)
class EphemeralVolume:
    """A Fargate bind volume: fresh for each task, gone with it."""


@dataclass(frozen=True)
class Ulimit:
    """One resource limit of a container's processes."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True)
class Container:
    """One container of a task. ``secrets`` holds values, and so never shows in a message."""

    name: str
    image: str
    essential: bool
    command: tuple[str, ...] | None
    entry_point: tuple[str, ...] | None
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    user: str | None
    working_directory: str | None
    read_only_root: bool
    init: bool
    ports: tuple[int, ...]
    mounts: tuple[Mount, ...]
    depends_on: tuple[tuple[str, Condition], ...]
    health: HealthCheck | None
    ulimits: tuple[Ulimit, ...]
    drop_capabilities: tuple[str, ...]
    cpu_units: int | None
    memory_mib: int | None
    memory_reservation_mib: int | None
    start_timeout: int
    stop_timeout: int


@dataclass(frozen=True)
class TaskDefinition:
    """A task: containers that share a network, volumes, and a limit of CPU (1024 units a core) and memory."""

    key: Key
    family: str
    cpu_units: int
    memory_mib: int
    containers: tuple[Container, ...]
    volumes: Mapping[str, SharedVolume | EphemeralVolume]
    sysctls: Mapping[str, str]

    def container(self, name: str) -> Container:
        """Return the container of that name."""
        return next(c for c in self.containers if c.name == name)
