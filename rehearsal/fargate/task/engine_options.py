"""A container of a plan as options of the container engine's command line: pure."""

from __future__ import annotations

import math
import shlex

from rehearsal.fargate.desired.task import Container, HealthCheck

# So many tasks for each core are checked as often as the template says. Each check of a container is a process that the
# engine starts, a tenth of a second of a core: those of 20 tasks, every 5 s, would take most of one.
_CHECKED_PER_CORE = 2
# Open files of a container that says nothing of them, soft and hard: Fargate's, from "Ulimit" in the ECS API reference.
_OPEN_FILES = 65535


def spread(tasks: int, cores: int) -> int:
    """Return how many times rarer than the template says the containers of so many tasks are checked.

    In a deployment as many older ones stand beside them.
    """
    carried = cores * _CHECKED_PER_CORE
    return 1 if tasks <= carried else math.ceil(2 * tasks / carried)


def container_options(container: Container, *, shared: bool, open_files: int, rarer: int = 1) -> list[str]:
    """Return what the engine is told of a container, but for names, volumes and the task's own limits.

    ``shared``: the task's limits hold for its containers together. ``open_files`` is how many this machine allows.
    ``rarer``: see ``spread``. Secrets are named only: their values come by the client's environment.
    """
    options = [
        *_limits(container, shared=shared, open_files=open_files),
        *_privileges(container),
        *_health(container, rarer),
    ]
    options += [f"--env={name}={value}" for name, value in container.environment.items()]
    options += [f"--env={name}" for name in container.secrets]
    if container.working_directory:
        options.append(f"--workdir={container.working_directory}")
    if container.entry_point:
        options.append(f"--entrypoint={container.entry_point[0]}")
    return options


def arguments(container: Container) -> list[str]:
    """Return what follows the image's name.

    The engine takes one word as entry point, and the rest before the command.
    """
    return [*(container.entry_point or ())[1:], *(container.command or ())]


def order(containers: tuple[Container, ...], name: str) -> int:
    """Return how many steps of dependency stand before a container."""
    container = next(c for c in containers if c.name == name)
    return max((order(containers, dependency) + 1 for dependency, _ in container.depends_on), default=0)


def _limits(container: Container, *, shared: bool, open_files: int) -> list[str]:
    usual = min(_OPEN_FILES, open_files)
    options = [f"--ulimit={u.name}={u.soft}:{u.hard}" for u in container.ulimits] or [
        f"--ulimit=nofile={usual}:{usual}"
    ]
    options.append(f"--stop-timeout={container.stop_timeout}")
    if container.cpu_units:
        options.append(f"--cpu-shares={container.cpu_units}")
    if container.memory_mib and shared:
        options += [f"--memory={container.memory_mib}m", f"--memory-swap={container.memory_mib}m"]
    if container.memory_reservation_mib:
        options.append(f"--memory-reservation={container.memory_reservation_mib}m")
    return options


def _privileges(container: Container) -> list[str]:
    """Return what a container may do. A plain user has no capability on Fargate either; root has the usual ones."""
    options = ["--security-opt=no-new-privileges"]
    uid = (container.user or "").partition(":")[0]
    dropped = ("ALL",) if uid.isdigit() and int(uid) else container.drop_capabilities
    options += [f"--cap-drop={capability}" for capability in dropped]
    if container.user:
        options.append(f"--user={container.user}")
    if container.read_only_root:
        options.append("--read-only")
    if container.init:
        options.append("--init")
    return options


def _health(container: Container, rarer: int) -> list[str]:
    check = container.health
    if check is None:
        return ["--no-healthcheck"]
    return [
        f"--health-cmd={_line(check)}",
        f"--health-interval={check.interval * rarer}s",
        f"--health-timeout={check.timeout}s",
        f"--health-retries={check.retries}",
        f"--health-start-period={check.start_period}s",
    ]


def _line(check: HealthCheck) -> str:
    """Return the command as a line for the shell: the engine's command line takes a health check only as one."""
    kind, *words = check.command
    return words[0] if kind == "CMD-SHELL" and len(words) == 1 else "exec " + shlex.join(check.argv)
