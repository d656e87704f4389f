"""Task definitions as Fargate reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.fargate.desired.task import Condition, Container, TaskDefinition
from rehearsal.fargate.plan.container import task_container
from rehearsal.fargate.plan.lookup import Found, Lookup, number, pairs
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.volume import task_volume

# MiB of memory for each number of CPU units, from "Task CPU and memory" in the ECS developer guide.
MEMORY_FOR_CPU: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
    32768: (61440, 122880, 249856),
}


def task_definition(found: Found, lookup: Lookup, read: ReadSecret) -> TaskDefinition:
    """Plan a task definition; a fault that Fargate would show is a PlanError that names it."""
    properties = found.properties
    if properties.get("NetworkMode") != "awsvpc":
        raise found.fault(f"NetworkMode is {properties.get('NetworkMode')!r}; Fargate has awsvpc only.")
    if "FARGATE" not in properties.get("RequiresCompatibilities", ()):
        raise found.fault("RequiresCompatibilities does not list FARGATE.")
    platform = properties.get("RuntimePlatform", {})
    if (
        platform.get("OperatingSystemFamily", "LINUX") != "LINUX"
        or platform.get("CpuArchitecture", "X86_64") != "X86_64"
    ):
        raise found.fault(f"RuntimePlatform {dict(platform)!r} cannot run here: LINUX on X86_64 can.")
    for name in ("PidMode", "IpcMode"):
        if properties.get(name):
            raise found.fault(f"{name} is not honoured by the rehearsal.")
    cpu, memory = _size(found, properties)
    volumes = {str(v["Name"]): task_volume(found, lookup, v) for v in properties.get("Volumes", ())}
    definitions = properties.get("ContainerDefinitions", ())
    if not definitions:
        raise found.fault("it has no container.")
    containers = tuple(task_container(found, c, volumes, read) for c in definitions)
    _check_together(found, containers, cpu, memory)
    sysctls: dict[str, str] = {}
    for definition in definitions:
        for name, value in pairs(found, "SystemControls", definition.get("SystemControls", ()), "Namespace").items():
            if not name.startswith("net."):
                raise found.fault(f"the system control {name} is not honoured by the rehearsal: net.* are.")
            sysctls[name] = value
    return TaskDefinition(
        key=found.key,
        family=str(properties.get("Family", found.resource.logical_id)),
        cpu_units=cpu,
        memory_mib=memory,
        containers=containers,
        volumes=volumes,
        sysctls=sysctls,
    )


def _size(found: Found, properties: Mapping[str, Any]) -> tuple[int, int]:
    for name in ("Cpu", "Memory"):
        if name not in properties:
            raise found.fault(f"{name} is missing; Fargate needs it for the task.")
    cpu, memory = _units(found, "Cpu", properties["Cpu"], "vCPU"), _units(found, "Memory", properties["Memory"], "GB")
    if cpu not in MEMORY_FOR_CPU:
        raise found.fault(f"Cpu is {cpu}; Fargate has {', '.join(map(str, MEMORY_FOR_CPU))}.")
    if memory not in MEMORY_FOR_CPU[cpu]:
        raise found.fault(
            f"Cpu {cpu} with Memory {memory} is no Fargate size; with {cpu}: {_choices(MEMORY_FOR_CPU[cpu])} MiB."
        )
    return cpu, memory


def _units(found: Found, name: str, value: object, thousand: str) -> int:
    """Read a size in CPU units or MiB, or in words of 1024 of them: ``1 vCPU``, ``.5 vCPU``, ``2 GB``."""
    words = re.fullmatch(rf"(\d*\.?\d+)\s*{thousand}", str(value).strip(), re.IGNORECASE)
    return int(float(words[1]) * 1024) if words else number(found, name, value)


def _choices(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"{sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return ", ".join(map(str, sizes))


def _check_together(found: Found, containers: Sequence[Container], cpu: int, memory: int) -> None:
    names = [c.name for c in containers]
    if len(set(names)) != len(names):
        raise found.fault(f"two containers have the same name among {', '.join(names)}.")
    if not any(c.essential for c in containers):
        raise found.fault("no container is essential.")
    for container in containers:
        if container.memory_mib and (container.memory_reservation_mib or 0) > container.memory_mib:
            raise found.fault(
                f"container {container.name}: MemoryReservation {container.memory_reservation_mib} is more than its "
                f"Memory {container.memory_mib}."
            )
    if (shares := sum(c.cpu_units or 0 for c in containers)) > cpu:
        raise found.fault(f"its containers ask for {shares} CPU units of the task's {cpu}.")
    reserved = sum(c.memory_mib or c.memory_reservation_mib or 0 for c in containers)
    if reserved > memory:
        raise found.fault(f"its containers ask for {reserved} MiB of the task's {memory}.")
    by_name = {c.name: c for c in containers}
    for container in containers:
        for name, condition in container.depends_on:
            target = by_name.get(name)
            if target is None:
                raise found.fault(f"container {container.name} depends on {name}, which the task does not have.")
            if condition is Condition.HEALTHY and target.health is None:
                raise found.fault(
                    f"container {container.name} waits for {name} to be HEALTHY, and {name} has no health check."
                )
            if condition in (Condition.COMPLETE, Condition.SUCCESS) and target.essential:
                raise found.fault(f"container {container.name} waits for the end of {name}, and {name} is essential.")
    _check_cycles(found, by_name)


def _check_cycles(found: Found, containers: Mapping[str, Container]) -> None:
    reached: set[str] = set()
    while len(reached) < len(containers):
        ready = {n for n, c in containers.items() if n not in reached and all(d in reached for d, _ in c.depends_on)}
        if not ready:
            raise found.fault(
                f"the containers {', '.join(sorted(set(containers) - reached))} wait for each other in a circle."
            )
        reached |= ready
