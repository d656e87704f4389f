"""The containers of a task definition, with every default of ECS filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from rehearsal.fargate.desired.task import (
    Condition,
    Container,
    EphemeralVolume,
    HealthCheck,
    Mount,
    SharedVolume,
    Ulimit,
)
from rehearsal.fargate.plan.lookup import Found, number, pairs, truth
from rehearsal.fargate.plan.references import ReadSecret, resolve, value_from

START_TIMEOUT = 180  # seconds; the ECS agent's own default
STOP_TIMEOUT = 30  # seconds; Fargate's default
LONGEST_START_TIMEOUT = 120  # seconds; Fargate's limit
LONGEST_STOP_TIMEOUT = 120  # seconds; Fargate's limit
_KIND = "AWS::ECS::TaskDefinition"


def task_container(
    found: Found,
    definition: Mapping[str, Any],
    volumes: Mapping[str, SharedVolume | EphemeralVolume],
    read: ReadSecret,
) -> Container:
    """Plan one container of a task definition."""
    name = str(definition.get("Name", ""))
    where = f"container {name}"
    for refused in ("Privileged", "Interactive", "PseudoTerminal"):
        if truth(definition.get(refused, False)):
            raise found.fault(f"{where}: {refused} does not exist on Fargate.")
    if truth(definition.get("RestartPolicy", {}).get("Enabled", False)):
        raise found.fault(f"{where}: RestartPolicy is not honoured by the rehearsal.")
    written = pairs(found, f"{where}: Environment", definition.get("Environment", ()), "Name")
    environment = {each: resolve(found, f"{where}: {each}", text, read) for each, text in written.items()}
    secrets: dict[str, str] = {}
    for secret in definition.get("Secrets", ()):
        secret_name = str(secret["Name"])
        if secret_name in environment or secret_name in secrets:
            raise found.fault(f"{where}: {secret_name} is given twice among environment and secrets.")
        secrets[secret_name] = value_from(found, secret_name, str(secret["ValueFrom"]), read)
    linux = definition.get("LinuxParameters", {})
    if linux.get("Capabilities", {}).get("Add"):
        raise found.fault(f"{where}: Capabilities.Add is not honoured by the rehearsal.")
    user = definition.get("User")
    stop = number(found, "StopTimeout", definition.get("StopTimeout", STOP_TIMEOUT))
    if stop > LONGEST_STOP_TIMEOUT:
        raise found.fault(f"{where}: StopTimeout {stop} is more than Fargate's {LONGEST_STOP_TIMEOUT} s.")
    start = number(found, "StartTimeout", definition.get("StartTimeout", START_TIMEOUT))
    if "StartTimeout" in definition and not 2 <= start <= LONGEST_START_TIMEOUT:
        raise found.fault(f"{where}: StartTimeout is {start}; Fargate takes 2 to {LONGEST_START_TIMEOUT} s.")
    for ulimit in definition.get("Ulimits", ()):
        if ulimit["Name"] != "nofile":
            raise found.fault(f"{where}: the ulimit {ulimit['Name']} cannot be set on Fargate; nofile can.")
    container = Container(
        name=name,
        image=str(definition["Image"]),
        essential=truth(definition.get("Essential", True)),
        command=_words(definition.get("Command")),
        entry_point=_words(definition.get("EntryPoint")),
        environment=environment,
        secrets=secrets,
        user=str(user) if user not in (None, "") else None,
        working_directory=definition.get("WorkingDirectory"),
        read_only_root=truth(definition.get("ReadonlyRootFilesystem", False)),
        init=truth(linux.get("InitProcessEnabled", False)),
        ports=tuple(port for p in definition.get("PortMappings", ()) for port in _ports(found, where, p)),
        mounts=tuple(_mount(found, where, m, volumes) for m in definition.get("MountPoints", ())),
        depends_on=tuple(_dependency(found, where, each) for each in definition.get("DependsOn", ())),
        health=_health(found, where, definition.get("HealthCheck")),
        ulimits=tuple(
            Ulimit(
                str(u["Name"]), number(found, "SoftLimit", u["SoftLimit"]), number(found, "HardLimit", u["HardLimit"])
            )
            for u in definition.get("Ulimits", ())
        ),
        drop_capabilities=tuple(linux.get("Capabilities", {}).get("Drop", ())),
        cpu_units=_optional(found, definition, "Cpu"),
        memory_mib=_optional(found, definition, "Memory"),
        memory_reservation_mib=_optional(found, definition, "MemoryReservation"),
        start_timeout=start,
        stop_timeout=stop,
    )
    _check_writers(found, container, volumes)
    return container


def _words(value: Sequence[object] | None) -> tuple[str, ...] | None:
    return tuple(map(str, value)) if value else None


def _optional(found: Found, definition: Mapping[str, Any], name: str) -> int | None:
    value = definition.get(name)
    return number(found, name, value) if value else None


def _dependency(found: Found, where: str, written: Mapping[str, Any]) -> tuple[str, Condition]:
    # Alone it is a reference to a condition of the template's, by its form.
    if "ContainerName" not in written:
        raise found.fault(f"{where}: an entry of DependsOn has no ContainerName.")
    return str(written["ContainerName"]), Condition(written["Condition"])


def _ports(found: Found, where: str, mapping: Mapping[str, Any]) -> Sequence[int]:
    if bounds := mapping.get("ContainerPortRange"):
        first, _, last = str(bounds).partition("-")
        if not first.isdigit() or not last.isdigit() or not 1 <= int(first) <= int(last) <= 65535:
            raise found.fault(f"{where}: ContainerPortRange is {bounds!r}; first-last is wanted, within 1 to 65535.")
        if {"ContainerPort", "HostPort"} & set(mapping):
            raise found.fault(f"{where}: a port mapping has a ContainerPortRange or a ContainerPort, not both.")
        return range(int(first), int(last) + 1)
    if "ContainerPort" not in mapping:
        raise found.fault(f"{where}: a port mapping has neither a ContainerPort nor a ContainerPortRange.")
    port = number(found, "ContainerPort", mapping["ContainerPort"])
    if number(found, "HostPort", mapping.get("HostPort", port)) != port:
        raise found.fault(f"{where}: with awsvpc, HostPort must equal ContainerPort {port}.")
    return [port]


def _mount(found: Found, where: str, mount: Mapping[str, Any], volumes: Mapping[str, object]) -> Mount:
    volume, path = str(mount["SourceVolume"]), str(mount["ContainerPath"])
    if volume not in volumes:
        raise found.fault(f"{where}: mounts the volume {volume}, which the task does not have.")
    if not PurePosixPath(path).is_absolute():
        raise found.fault(f"{where}: mounts at {path!r}, which is no absolute path.")
    return Mount(volume, path, truth(mount.get("ReadOnly", False)))


def _health(found: Found, where: str, check: Mapping[str, Any] | None) -> HealthCheck | None:
    if check is None:
        return None
    command = _words(check.get("Command")) or ()
    if len(command) < 2 or command[0] not in ("CMD", "CMD-SHELL"):
        raise found.fault(f"{where}: the health check's command must start with CMD or CMD-SHELL.")
    bounds = {"Interval": (30, 5, 300), "Timeout": (5, 2, 60), "Retries": (3, 1, 10), "StartPeriod": (0, 0, 300)}
    values = {}
    for name, (default, low, high) in bounds.items():
        values[name] = number(found, name, check.get(name, default))
        if not low <= values[name] <= high:
            raise found.fault(f"{where}: the health check's {name} is {values[name]}; ECS allows {low} to {high}.")
    return HealthCheck(command, values["Interval"], values["Timeout"], values["Retries"], values["StartPeriod"])


def _check_writers(found: Found, container: Container, volumes: Mapping[str, SharedVolume | EphemeralVolume]) -> None:
    uid = (container.user or "").partition(":")[0]
    for mount in container.mounts:
        volume = volumes[mount.volume]
        if (
            isinstance(volume, SharedVolume)
            and not mount.read_only
            and uid.isdigit()
            and int(uid) not in (0, volume.uid)
        ):
            raise found.fault(
                f"container {container.name} writes {mount.volume} as user {uid}; {volume.path} is of {volume.uid}. "
                f"EFS maps users only by its access point's PosixUser; here they must be the same."
            )
