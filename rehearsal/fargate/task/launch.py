"""Makes a task's containers: what each is given by the plan, the images, the volumes and the shared limits."""

from __future__ import annotations

import json
import os
import resource
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from containers.cgroups import ControlGroups
from containers.client import Client
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.service import Run, Schedule, Service
from rehearsal.fargate.desired.task import Container, SharedVolume
from rehearsal.fargate.task.attempt import Attempt, part
from rehearsal.fargate.task.engine_options import arguments, container_options, order, spread
from rehearsal.fargate.task.images import BASE, CERTIFICATES, Image, pin, task_image
from rehearsal.fargate.task.names import digest, fingerprint, network_name, resource_name, slug
from rehearsal.fargate.task.storage import authorities, shared_volume
from rehearsal.fargate.task.task import PAUSE, TASK, Task, tasks_of

# What ECS tells a container of where it runs; its metadata and credentials are not there.
_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
# Below this port only root listens in a task: "allow containers running as non-root to bind to privileged ports" is an
# open wish of the containers-roadmap. The engine lets everybody, unless it is told; SystemControls may say otherwise.
_KERNEL = {"net.ipv4.ip_unprivileged_port_start": "1024"}
_STEERING = ("DOCKER_", "BUILDKIT_", "PATH", "HOME", "CONTAINER_HOST", "CONTAINERS_CONF", "XDG_")


def open_files() -> int:
    """Return how many open files this machine allows a process that is no administrator's."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return hard if hard != resource.RLIM_INFINITY else 1 << 20


class Launcher:
    """Starts tasks of one service or schedule, or one that is run once. Checks at once that their images are there."""

    def __init__(self, client: Client, groups: ControlGroups, service: Service | Schedule | Run) -> None:
        self._client, self._groups, self._service = client, groups, service
        where = f"{service.task.key.stack}/{service.task.key.logical_id}"
        self._images: dict[str, Image] = {}
        found: dict[str, Image] = {}
        for container in service.task.containers:
            if container.image not in found:
                found[container.image] = task_image(client, f"{where} container {container.name}", container.image)
            self._images[container.name] = found[container.image]
            steering = [name for name in container.secrets if name.startswith(_STEERING)]
            if steering:
                raise PlanError(
                    f"{where} container {container.name}: a secret named {steering[0]} would steer the engine's client."
                )
        registered = [(str(t.group.key), t.port) for t in service.targets]
        images = sorted((name, image.id) for name, image in self._images.items())
        self.revision = digest([fingerprint(service.task), images, registered, service.network], 16)
        self._targets = json.dumps(registered)
        self._rarer = spread(service.count if isinstance(service, Service) else 1, os.cpu_count() or 1)
        self._volumes: dict[str, str] = {}
        self._authorities = ""

    def prepare(self) -> None:
        """Make the shared volumes, and keep the images for this checkout."""
        for name, volume in self._service.task.volumes.items():
            if isinstance(volume, SharedVolume):
                self._volumes[name] = shared_volume(self._client, volume)
        for image in {image.id: image for image in self._images.values()}.values():
            pin(self._client, image)

    def new_name(self) -> str:
        """Return a name for another task of the service."""
        return f"{resource_name(self._client.ctx, self._service.key)}-{secrets.token_hex(4)}"

    def launch(self, name: str, cancelled: threading.Event, before: Callable[[], None] | None = None) -> Task:
        """Start a task and wait until its containers are as the template wants them, or raise TaskFailed.

        All that it shares with others has been made by ``prepare``; ``before`` is called when the task has its network,
        and none of its containers runs yet.
        """
        parent = self._start_pause(name)
        if before is not None:
            before()
        own = self._own_volumes(name)
        for container in self._service.task.containers:
            self._create(name, container, parent, own)
        grace = self._service.grace_period if isinstance(self._service, Service) else None
        since = Attempt(self._client, self._service.task, name, grace).run(cancelled)
        [task] = tasks_of(self._client.containers(f"{TASK}={name}"))
        return replace(task, running_since=since)

    def _labels(self, name: str, role: str, **more: str) -> list[str]:
        return self._client.labels(
            role, resource=str(self._service.key), task=name, revision=self.revision, targets=self._targets, **more
        )

    def _start_pause(self, name: str) -> str | None:
        client, task = self._client, self._service.task
        parent = self._groups.create(name, task.cpu_units, task.memory_mib)
        options = [f"--name={name}", *self._labels(name, PAUSE), "--init", "--read-only", "--user=65534:65534"]
        options += ["--cap-drop=ALL", "--security-opt=no-new-privileges"]
        options.append(f"--network={network_name(client.ctx, self._service.network)}")
        options += [f"--sysctl={key}={value}" for key, value in sorted({**_KERNEL, **task.sysctls}.items())]
        if parent:
            options.append(f"--cgroup-parent={parent}")
        container = client("run", "--detach", *options, BASE, "sleep", "infinity")
        if parent and not self._groups.holds(name, container):
            self._groups.give_up("the container engine keeps its control groups elsewhere")
            return None
        return parent

    def _create(self, name: str, container: Container, parent: str | None, own: Mapping[str, str]) -> None:
        client, task = self._client, self._service.task
        image = self._images[container.name]
        options = [f"--name={part(name, container.name)}", f"--network=container:{name}"]
        options += ["--pull=never", "--log-opt=max-size=10m"]
        options += self._labels(
            name,
            "container",
            container=container.name,
            essential="yes" if container.essential else "no",
            order=str(order(task.containers, container.name)),
        )
        if parent:
            options.append(f"--cgroup-parent={parent}")
        else:
            options += [
                f"--cpus={task.cpu_units / 1024}",
                f"--memory={task.memory_mib}m",
                f"--memory-swap={task.memory_mib}m",
            ]
        options += container_options(container, shared=parent is not None, open_files=open_files(), rarer=self._rarer)
        options += [f"--env={name}={task.key.region}" for name in _REGION if name not in container.environment]
        options += self._mounts(container, image, own)
        client("create", *options, image.id, *arguments(container), secrets=container.secrets)

    def _mounts(self, container: Container, image: Image, own: Mapping[str, str]) -> list[str]:
        """Return options for a container's volumes; ``own`` are those that the task shares with no other."""
        options = []
        for mount in container.mounts:
            shared = mount.volume not in own
            source = self._volumes[mount.volume] if shared else own[mount.volume]
            # A fresh volume takes its owner and mode from the image where that declares a VOLUME, as on Fargate.
            declared = str(PurePosixPath(mount.path)) in {str(PurePosixPath(v)) for v in image.volumes}
            copied = "" if declared and not shared else ",volume-nocopy=true"
            read_only = ",readonly" if mount.read_only else ""
            options.append(f"--mount=type=volume,src={source},dst={mount.path}{read_only}{copied}")
        # In the place of RDS's authorities, those of the databases here.
        for folder in container.environment.get(CERTIFICATES, image.certificates).split(":"):
            if PurePosixPath(folder).name == "rds":
                self._authorities = self._authorities or authorities(self._client)
                options.append(f"--mount=type=volume,src={self._authorities},dst={folder},readonly,volume-nocopy=true")
        return options

    def _own_volumes(self, name: str) -> dict[str, str]:
        """Make the volumes that a task shares with no other; the engine's name of each."""
        mounted = {mount.volume for container in self._service.task.containers for mount in container.mounts}
        shared = {volume for volume, what in self._service.task.volumes.items() if isinstance(what, SharedVolume)}
        own = {volume: part(name, f"volume-{slug(volume)}") for volume in sorted(mounted - shared)}
        labels = self._client.labels("ephemeral", resource=str(self._service.key), task=name)
        for full in own.values():
            self._client("volume", "create", *labels, full)
        return own
