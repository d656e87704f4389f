"""Tasks that a build runs: from a task definition and what RunTask says, to containers, and to their end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from containers.cgroups import ControlGroups
from containers.client import ROLE, Client
from containers.errors import EngineError
from rehearsal.fargate.desired.service import Run
from rehearsal.fargate.stand.network import ensure_network
from rehearsal.fargate.task.attempt import TaskFailed
from rehearsal.fargate.task.images import with_own_image
from rehearsal.fargate.task.launch import Launcher
from rehearsal.fargate.task.names import network_name
from rehearsal.fargate.task.task import TASK, Task, end, is_essential, stop, tasks_of

# Tasks of one call come up side by side, and share what they need.
_PREPARING = threading.Lock()


class Status(StrEnum):
    """ECS's names for where a task is in its life, as far as one that runs here goes through them."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class State:
    """How a task is: ECS's name for it, its address, why it has stopped, and how its containers ended that have."""

    status: Status
    address: str = ""
    reason: str = ""
    codes: Mapping[str, int] = field(default_factory=dict)


class RunningTask:
    """One task, brought up in the background as ECS does."""

    def __init__(self, client: Client, run: Run) -> None:
        self._client, self._groups = client, ControlGroups(client)
        self._launcher = Launcher(client, self._groups, run)
        self._network = run.network
        self._failed = ""
        self._cancelled = threading.Event()
        self.name = self._launcher.new_name()
        self._coming = threading.Thread(target=self._come)
        self._going: threading.Thread | None = None
        self._ending: threading.Thread | None = None
        self._coming.start()

    def state(self) -> State:
        """Return how it is now."""
        if self._failed:
            return self._stopped(self._found(), self._failed)
        if self._coming.is_alive():
            return State(Status.PENDING)
        if self._going is not None:
            return State(Status.STOPPING if self._going.is_alive() else Status.STOPPED, reason="stopped by somebody")
        task = self._found()
        if task is None:
            return State(Status.STOPPED, reason="its containers are gone")
        ended = [each for each in task.containers if is_essential(each) and not each["State"]["Running"]]
        if ended:
            how = ", ".join(f"{_part(each)} with {each['State']['ExitCode']}" for each in ended)
            return self._stopped(task, f"Essential container in task exited: {how}")
        return State(Status.RUNNING, task.address)

    def _stopped(self, task: Task | None, reason: str) -> State:
        """Return how a task is that has ended by itself: stopped when its other containers are, too, as by ECS."""
        if task is not None and any(each["State"]["Running"] for each in task.containers):
            if self._ending is None:
                self._ending = threading.Thread(target=end, args=(self._client, task))
                self._ending.start()
            return State(Status.STOPPING, task.address, reason)
        return State(Status.STOPPED, task.address if task else "", reason, _codes(task))

    def stop(self) -> None:
        """Stop it as ECS does, in the background."""
        if self._going is None:
            self._cancelled.set()
            self._going = threading.Thread(target=self._go)
            self._going.start()

    def wait(self) -> None:
        """Return when nothing is left of it."""
        self.stop()
        if self._going is not None:
            self._going.join()

    def _come(self) -> None:
        try:
            with _PREPARING:
                ensure_network(self._client, self._network)
                self._launcher.prepare()
            self._launcher.launch(self.name, self._cancelled, before=self._reach_the_sites)
        except TaskFailed as failed:
            self._failed = failed.reason
        except EngineError as error:
            self._failed = error.message

    def _go(self) -> None:
        self._coming.join()
        if self._ending is not None:
            self._ending.join()
        task = self._found()
        if task is not None:
            stop(self._client, self._groups, task)

    def _found(self) -> Task | None:
        return next(iter(tasks_of(self._client.containers(f"{TASK}={self.name}"))), None)

    def _reach_the_sites(self) -> None:
        """Lead the task's own loopback to the load balancers: the sites' public names are ``localhost:PORT`` here."""
        client, fronts = self._client, []
        joined = {network_name(client.ctx, self._network)}
        for balancer in client.containers(f"{ROLE}=balancer"):
            networks = balancer["NetworkSettings"]["Networks"]
            for network, place in networks.items():
                if network not in joined:
                    client("network", "connect", network, self.name)
                    joined.add(network)
                for inside, published in (balancer["NetworkSettings"]["Ports"] or {}).items():
                    fronts += [
                        f"listen p{each['HostPort']}\n bind 127.0.0.1:{each['HostPort']}\n"
                        f" server site {place['IPAddress']}:{inside.partition('/')[0]}\n"
                        for each in published or ()
                    ]
        if fronts:
            settings = "defaults\n mode tcp\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n"
            with _PREPARING:
                with_own_image(
                    client,
                    "haproxy",
                    *("run", "--detach", f"--name={self.name}-internet", f"--network=container:{self.name}"),
                    *client.labels("proxy", task=self.name, resource="", revision="", targets="[]"),
                    *("--cap-drop=ALL", "--security-opt=no-new-privileges"),
                    *(f"--env=SETTINGS={settings}{''.join(fronts)}", "--entrypoint=/bin/sh"),
                    arguments=(
                        "-c",
                        'printf "%s" "$SETTINGS" > /tmp/internet.cfg && exec haproxy -db -f /tmp/internet.cfg',
                    ),
                )


def _codes(task: Task | None) -> dict[str, int]:
    containers = task.containers if task else ()
    # The way to the sites is a container of the rehearsal's own.
    ended = (each for each in containers if _part(each) and each["State"]["Status"] in {"exited", "dead"})
    return {_part(each): int(each["State"]["ExitCode"]) for each in ended}


def _part(container: Mapping[str, object]) -> str:
    return _label(container, "floodgate.container")


def _label(container: Mapping[str, object], name: str) -> str:
    config = container["Config"]
    labels = config["Labels"] if isinstance(config, dict) else {}
    return str(labels.get(name, ""))
