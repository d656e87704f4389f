"""Load balancers as containers: what stands in front of a service's tasks and is never restarted for a deployment.

Tasks come and go over HAProxy's run-time socket, so no connection is touched; the same servers are written to the
configuration file, for the day when the engine restarts the container. Only a change of listeners, rules or target
groups makes HAProxy reload, gracefully.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence

from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.balancer import LoadBalancer, TargetGroup
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.plan.load_balancer import forwards
from rehearsal.fargate.stand.haproxy import (
    ADMIN_SOCKET,
    CHECKER,
    CONFIGURATION,
    SPARE,
    backend_name,
    published_ports,
    render,
    server_options,
    spare_name,
)
from rehearsal.fargate.stand.haproxy_words import without_header_values
from rehearsal.fargate.stand.public_names import public_address
from rehearsal.fargate.stand.standing import create_listening, ensure_standing
from rehearsal.fargate.task.images import own_image
from rehearsal.fargate.task.names import digest, network_name, resource_name
from rehearsal.fargate.task.server import Server, Servers

_STATE = "show servers state"
# The configuration and HAProxy's servers in one call of the engine, a zero byte between them.
_PRESENT = f"cat {CONFIGURATION} && printf '\\0' && echo {_STATE} | socat -t10 - {ADMIN_SOCKET}"
_POLL = 0.2
_ANSWERS_WITHIN = 20.0  # seconds
_REMOVABLE_WITHIN = 5  # seconds


class Balancer:
    """The container of one load balancer."""

    def __init__(self, client: Client, plan: LoadBalancer) -> None:
        self.plan = plan
        self.name = resource_name(client.ctx, plan.key)
        self._client = client

    def ensure(self, servers: Servers) -> None:
        """Bring the load balancer up with the servers that are in service; say where it is reached."""
        client, plan = self._client, self.plan
        ports = published_ports(plan)
        network = network_name(client.ctx, plan.network)
        image = own_image(client, "haproxy")
        addresses = {("127.0.0.1", outside): inside for inside, outside in ports.items()}
        if plan.names:
            addresses |= {(public_address(client, plan.key), inside): inside for inside in ports}
        certified = ",".join(f"DNS:{name}" for name in plan.certified)
        specification = digest([image, network, sorted(addresses.items()), certified])

        def create() -> None:
            labels = client.labels("balancer", resource=str(plan.key), specification=specification)
            published = [f"{host}:{outside}:{inside}" for (host, outside), inside in sorted(addresses.items())]
            create_listening(
                client, "haproxy", self.name, labels, network=network, certified=certified, published=published
            )

        why = f"load balancer {plan.key.short}: replaced, its ports or its image changed"
        ensure_standing(client, self.name, specification, create, reason=why, start=self._start)
        self.update(servers)
        reached = [f"{plan.host}:{port}" for port in ports.values()]
        if plan.names:
            reached.append(f"{', '.join(plan.names)} ({public_address(client, plan.key)}, in builds)")
        client.ctx.say(f"load balancer {plan.key.short}: on {', '.join(reached)}")

    def _start(self) -> None:
        try:
            self._client("start", self.name)
        except EngineError as error:
            self._client.run("rm", "--force", "--volumes", self.name)
            if "already allocated" in error.message or "address already in use" in error.message:
                # The one of its ports that the engine names: a listener with TLS has one of its own.
                address = re.search(r"127\.\d+\.\d+\.\d+:(\d+)", error.message)
                port = address[1] if address else self.plan.port
                raise DeploymentFailed(
                    f"load balancer {self.plan.key.short}: port {port} of this machine is taken by something else. "
                    "Stop what listens there (ss -ltnp shows it), or choose other ports: PORTS=9000,9001 make rehearse"
                ) from None
            raise

    def update(self, servers: Servers) -> None:
        """Send requests to exactly these servers from now on; a server that leaves should have been drained."""
        wanted = render(self.plan, servers)
        present = self._client.run("exec", self.name, "sh", "-c", _PRESENT)
        configuration, _, state = present.stdout.partition("\0")
        if present.returncode or configuration.splitlines()[:1] != wanted.splitlines()[:1]:
            self._configure(wanted, "reload")
            self._wait()
            state = self._ask([_STATE])
        elif configuration != wanted:
            self._configure(wanted, "write")
        self._at_run_time(servers, state)

    def _configure(self, text: str, how: str) -> None:
        done = self._client.run("exec", "--interactive", self.name, "configure", how, stdin=text)
        if done.returncode:
            reason = without_header_values(done.stderr, text)
            raise EngineError(f"load balancer {self.plan.key.short}: HAProxy refuses its configuration.", reason)

    def _wait(self) -> None:
        deadline = time.monotonic() + _ANSWERS_WITHIN
        while self._client.run("exec", self.name, "test", "-S", ADMIN_SOCKET).returncode:
            if time.monotonic() > deadline:
                logs = self._client.run("logs", "--tail=20", self.name)
                raise DeploymentFailed(
                    f"load balancer {self.plan.key.short} does not start.", (logs.stdout + logs.stderr).strip()
                )
            time.sleep(_POLL)

    def _at_run_time(self, servers: Servers, state: str) -> None:
        present = _servers(state)
        commands = []
        for group in forwards(self.plan):
            backend = backend_name(group.key)
            wanted = {s.name: s for s in servers.get(str(group.key), ())}
            existing = present.get(backend, {})
            for name in sorted(wanted.keys() - existing.keys()):
                commands += _addition(backend, wanted[name], group)
            # One that was drained may still be there: a connection that somebody keeps holds it.
            idle = [each for name in wanted for each in (name, spare_name(name)) if existing.get(each, 0)]
            commands += [f"set server {backend}/{name} state ready" for name in sorted(idle)]
            gone = {name for name in existing if name not in wanted and name.removesuffix(SPARE) not in wanted}
            for name in sorted(gone):
                commands += _removal(backend, name)
        if commands:
            self._ask(commands)

    def _ask(self, commands: Iterable[str]) -> str:
        """Ask HAProxy's run-time socket and return what it answers."""
        return self._client(
            "exec", "--interactive", self.name, "socat", "-t10", "-", ADMIN_SOCKET, stdin="; ".join(commands) + "\n"
        )

    def check(self, group: TargetGroup, server: Server) -> str | None:
        """Make the target group's health check once; return None when it passes, else what came instead."""
        url = f"http://{server.address}:{group.check_port or server.port}{group.check_path}"
        done = self._client.run(
            *("exec", self.name, "curl", "--silent", "--output", "/dev/null", "--max-time", str(group.timeout)),
            *("--user-agent", CHECKER, "--write-out", "%{http_code}", url),
        )
        status = done.stdout.strip()[-3:]
        if done.returncode == 0 and matches(group.matcher, int(status)):
            return None
        return f"{group.check_path} answers {status}" if status.strip("0") else f"{group.check_path} gives no answer"

    def drain(self, group: TargetGroup, servers: Sequence[str]) -> None:
        """Send servers nothing new, and wait for what they are working on, up to the deregistration delay."""
        backend = backend_name(group.key)
        both = [name for server in servers for name in (server, spare_name(server))]
        self._ask(f"set server {backend}/{name} state drain" for name in both)
        deadline = time.monotonic() + group.deregistration_delay
        while self._busy(backend, both) and time.monotonic() < deadline:
            time.sleep(_POLL)

    def _busy(self, backend: str, names: Sequence[str]) -> int:
        """Return how many requests these servers are answering."""
        header, *rows = self._ask([f"show stat {backend} 4 -1"]).lstrip("# ").splitlines()
        columns = {name: index for index, name in enumerate(header.split(","))}
        cells = [row.split(",") for row in rows if row]
        return sum(int(c[columns["scur"]] or 0) for c in cells if c[columns["svname"]] in names)


def _servers(state: str) -> dict[str, dict[str, int]]:
    """Return the servers by backend and name, from what HAProxy says: 0, or flags that keep requests from them."""
    found: dict[str, dict[str, int]] = {}
    for line in state.splitlines():
        fields = line.split()
        if len(fields) > 6 and fields[0].isdigit():
            found.setdefault(fields[1], {})[fields[3]] = int(fields[6])
    return found


def _addition(backend: str, server: Server, group: TargetGroup) -> list[str]:
    where = f"{server.address}:{server.port}"
    name, spare = f"{backend}/{server.name}", f"{backend}/{spare_name(server.name)}"
    return [
        f"add server {name} {where} {server_options(group, server.port, spare=False)}",
        f"enable health {name}",
        f"enable server {name}",
        f"add server {spare} {where} {server_options(group, server.port, spare=True)}",
        f"enable server {spare}",
    ]


def _removal(backend: str, server: str) -> list[str]:
    name = f"{backend}/{server}"
    return [
        f"set server {name} state maint",
        f"shutdown sessions server {name}",
        f"wait {_REMOVABLE_WITHIN}s srv-removable {name}",
        f"del server {name}",
    ]


def matches(matcher: str, status: int) -> bool:
    """Return whether a status is among those that a matcher names, as 200 or 200-299,301."""
    for part in matcher.split(","):
        low, _, high = part.partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False
