"""Firewalls before distributions of CloudFront: an HAProxy of their own, which ends TLS and asks nginx.

nginx counts no requests over a window. Where a distribution has a firewall, this one has its address.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.desired.front import Front
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.stand import haproxy_firewall
from rehearsal.fargate.stand.haproxy import ADMIN_SOCKET, CONFIGURATION, ENGINE_RESOLVERS
from rehearsal.fargate.stand.haproxy_words import without_header_values
from rehearsal.fargate.stand.nginx import PLAIN_PORT, TLS_PORT
from rehearsal.fargate.stand.public_names import public_address
from rehearsal.fargate.stand.standing import create_listening, ensure_standing
from rehearsal.fargate.task.images import own_image
from rehearsal.fargate.task.names import digest, network_name, resource_name

FIREWALL = "firewall"
_IMAGE = "haproxy"
# CloudFront waits so long for a visitor's next request.
_IDLE = 60
# By so much it waits longer than what it leads to, so that nginx answers.
_LATER = 5
_PORTS = {80: PLAIN_PORT, 443: TLS_PORT}
_ANSWERS_WITHIN = 20.0  # seconds
_POLL = 0.1


def firewall_name(client: Client, front: Key) -> str:
    """Return the name of the container that stands before a distribution."""
    return f"{resource_name(client.ctx, front)}-firewall"


def render(front: Front, host: str) -> str:
    """Render HAProxy's configuration before an nginx at ``host``."""
    return "\n".join(_lines(front, host)) + "\n"


def _lines(front: Front, host: str) -> Iterator[str]:
    patience = max(origin.connect_timeout + origin.read_timeout for origin in front.origins) + _LATER
    yield from (
        "global",
        f"    stats socket {ADMIN_SOCKET} mode 600 level admin expose-fd listeners",
        f"    hard-stop-after {_IDLE}s",
        # More than CloudFront takes in all of a request: 20 K.
        "    tune.bufsize 32768",
        f"    ssl-default-bind-options ssl-min-ver {front.tls[0]}",
        *haproxy_firewall.tuning(front.firewall),
        "",
        "defaults",
        "    mode http",
        f"    timeout connect {_LATER}s",
        f"    timeout client {_IDLE}s",
        f"    timeout server {patience}s",
        f"    timeout http-keep-alive {_IDLE}s",
        f"    timeout http-request {_IDLE}s",
        "    option idle-close-on-response",
        # Each connection to nginx says whose it is.
        "    http-reuse safe",
        "",
        *ENGINE_RESOLVERS,
    )
    yield from haproxy_firewall.tables(front.firewall)
    protocols = "h2,http/1.1" if front.http2 else "http/1.1"
    for port, inner in _PORTS.items():
        yield f"frontend port-{port}"
        yield f"    bind :{port}" + (f" ssl crt /etc/haproxy/listener.pem alpn {protocols}" if port == 443 else "")
        yield from haproxy_firewall.rules(front.firewall)
        yield f"    default_backend nginx-{port}"
        yield ""
        yield f"backend nginx-{port}"
        yield f"    server nginx {host}:{inner} resolvers engine resolve-prefer ipv4 init-addr last,none send-proxy-v2"
        yield ""


def ensure_front_firewall(client: Client, front: Front) -> None:
    """Bring the firewall of a distribution up, whose nginx stands."""
    name = firewall_name(client, front.key)
    address = public_address(client, front.key)
    network = network_name(client.ctx, front.origins[0].network)
    certified = ",".join(f"DNS:{each}" for each in front.names)
    specification = digest([own_image(client, _IMAGE), network, address, certified])

    def create() -> None:
        labels = client.labels(FIREWALL, resource=str(front.key), specification=specification)
        published = [f"{address}:{port}:{port}" for port in _PORTS]
        create_listening(client, _IMAGE, name, labels, network=network, certified=certified, published=published)

    why = f"firewall of {front.key.short}: replaced, its names or its image changed"
    ensure_standing(client, name, specification, create, reason=why)
    _configure(client, front, name)


def _configure(client: Client, front: Front, name: str) -> None:
    wanted = render(front, resource_name(client.ctx, front.key))
    present = client.run("exec", name, "cat", CONFIGURATION)
    if present.returncode or present.stdout != wanted:
        done = client.run("exec", "--interactive", name, "configure", "reload", stdin=wanted)
        if done.returncode:
            reason = without_header_values(done.stderr, wanted)
            raise EngineError(f"firewall of {front.key.short}: HAProxy refuses its configuration.", reason)
    deadline = time.monotonic() + _ANSWERS_WITHIN
    while client.run("exec", name, "sh", "-c", _READY).returncode:
        if time.monotonic() > deadline:
            logs = client.run("logs", "--tail=20", name)
            raise DeploymentFailed(
                f"firewall of {front.key.short} does not start, or does not find nginx.",
                (logs.stdout + logs.stderr).strip(),
            )
        time.sleep(_POLL)


# Both addresses of nginx are known by then.
_READY = f"test $(echo show servers state | socat -t5 - {ADMIN_SOCKET} | grep -c ' nginx [1-9]') = {len(_PORTS)}"
