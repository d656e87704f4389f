"""Distributions of CloudFront as containers: an nginx before a load balancer, under the names that lead to it."""

from __future__ import annotations

import time

from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.desired.front import Front
from rehearsal.fargate.stand.front_firewall import ensure_front_firewall
from rehearsal.fargate.stand.nginx import REVISION_PORT, render, revision
from rehearsal.fargate.stand.public_names import public_address
from rehearsal.fargate.stand.standing import create_listening, ensure_standing
from rehearsal.fargate.task.images import own_image
from rehearsal.fargate.task.names import digest, network_name, resource_name

FRONT = "front"
_CONFIGURATION = "/run/front/nginx.conf"
_PORTS = (80, 443)
_ANSWERS_WITHIN = 20.0  # seconds
_POLL = 0.1


def ensure_front(client: Client, plan: Front) -> None:
    """Bring a distribution up as it is planned; say where it is reached. What it has kept it keeps."""
    name, address = resource_name(client.ctx, plan.key), public_address(client, plan.key)
    networks = list(dict.fromkeys(network_name(client.ctx, origin.network) for origin in plan.origins))
    certified = ",".join(f"DNS:{each}" for each in plan.names)
    ports = {} if plan.firewall else dict.fromkeys(_PORTS, address)
    specification = digest([own_image(client, FRONT), networks, ports, certified])

    def create() -> None:
        labels = client.labels(FRONT, resource=str(plan.key), specification=specification)
        published = [f"{address}:{port}:{port}" for port in ports]
        create_listening(client, FRONT, name, labels, network=networks[0], certified=certified, published=published)
        for network in networks[1:]:
            client("network", "connect", network, name)

    why = f"distribution {plan.key.short}: replaced, its names, its firewall or its image changed"
    ensure_standing(client, name, specification, create, reason=why)
    _configure(client, plan, name)
    if plan.firewall:
        ensure_front_firewall(client, plan)
    client.ctx.say(f"distribution {plan.key.short}: on {address} ({', '.join(plan.names)}, in builds)")


def _configure(client: Client, plan: Front, name: str) -> None:
    wanted = render(plan, lambda key: resource_name(client.ctx, key))
    present = client.run("exec", name, "cat", _CONFIGURATION)
    if present.returncode or present.stdout != wanted:
        done = client.run("exec", "--interactive", name, "configure", stdin=wanted)
        if done.returncode:
            raise EngineError(
                f"distribution {plan.key.short}: nginx refuses its configuration.", _without_keys(plan, done.stderr)
            )
    deadline = time.monotonic() + _ANSWERS_WITHIN
    ask = ("curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{REVISION_PORT}/")
    while client.run("exec", name, *ask).stdout != revision(wanted):
        if time.monotonic() > deadline:
            logs = client.run("logs", "--tail=20", name)
            raise DeploymentFailed(
                f"distribution {plan.key.short} does not start.",
                _without_keys(plan, (logs.stdout + logs.stderr).strip()),
            )
        time.sleep(_POLL)


def _without_keys(plan: Front, text: str) -> str:
    """Return what nginx says without the values of the headers that it adds: one of them is a key."""
    for origin in plan.origins:
        for value in origin.headers.values():
            text = text.replace(value, "***")
    return text
