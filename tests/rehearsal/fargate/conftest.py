"""A site of the tests' own in real containers, and what they need to look at it."""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from containers.checkout import Context
from containers.client import Client
from containers.engine import Engine, ensure_base, external_bases, find
from rehearsal.fargate.deploy import deploy
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.stand.inventory import Running, down, status
from rehearsal.fargate.task.images import with_own_image
from rehearsal.values.stack import Stack
from tests.ports import free_port
from tests.rehearsal.fargate import templates

_APP = Path(__file__).parent / "images" / "app"


@cache
def engine() -> Engine:
    """Return this machine's container engine, with the image that the tests' own start from."""
    found = find()
    for base in external_bases(_APP / "Dockerfile"):
        ensure_base(found, base)
    return found


def docker(*args: str) -> str:
    """Return what the engine's client prints."""
    return engine()(*args).strip()


@pytest.fixture(scope="session")
def app_image() -> str:
    """The tests' own site as an image; built once for each content."""
    content = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(_APP.iterdir()))).hexdigest()[:12]
    tag = f"floodgate-test/app:{content}"
    if not docker("image", "ls", "--quiet", tag):
        engine().build(tag, str(_APP))
    return tag


@dataclass
class Site:
    """A checkout of its own with a site to deploy; ``lines`` are those of the latest deployment."""

    ctx: Context
    port: int
    image: str
    secrets: templates.Secrets
    lines: list[str] = field(default_factory=list)
    change: Callable[[Stack], Stack] = lambda stack: stack
    version: str = "first"
    first_failure: DeploymentFailed | None = None
    after_first_failure: tuple[list[Running], int] | None = None

    def stack(self, version: str, count: int = 1) -> Stack:
        """Return the site's stack at a version."""
        stack = templates.stack(templates.web(image=self.image, port=self.port, count=count, version=version))
        # Without it, a smaller minimum would leave as many tasks as there are.
        return self.change(templates.changed(stack, "Service", ("DesiredCount",), count))

    def deploy(self, version: str | None = None, count: int = 1) -> None:
        """Deploy a version, or the one that serves once more."""
        self.lines.clear()
        stack = self.stack(version or self.version, count)
        deploy(templates.world(stack), stack, self.ctx)
        self.version = version or self.version

    def get(self, path: str = "/") -> tuple[int, str]:
        """Get status and body of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def facts(self) -> dict[str, Any]:
        """Return what the site knows of itself."""
        status, body = self.get("/facts")
        assert status == 200, body
        return dict(json.loads(body))

    def tasks(self) -> list[Running]:
        """Return the site's tasks."""
        return [running for running in status(self.ctx) if running.kind == "task"]

    def containers(self, *filters: str) -> list[str]:
        """Return the names of the site's containers."""
        labels = (f"floodgate.checkout={self.ctx.checkout}", *filters)
        return docker("ps", "--all", "--format={{.Names}}", *(f"--filter=label={label}" for label in labels)).split()

    def statistics(self) -> str:
        """Return HAProxy's own table of its servers."""
        [balancer] = self.containers("floodgate.role=balancer")
        return docker("exec", balancer, "sh", "-c", "echo show stat | socat - /run/haproxy/admin.sock")

    def alter(self, *changes: tuple[str, tuple[str | int, ...], Any]) -> Site:
        """Return the same site, its template changed."""

        def change(stack: Stack) -> Stack:
            for logical, path, value in changes:
                stack = templates.changed(stack, logical, path, value)
            return stack

        return replace(self, change=change)


def make_site(folder: Path, image: str) -> Site:
    """Make a site in a checkout of its own."""
    lines: list[str] = []
    secrets = templates.Secrets()
    ctx = Context(folder, engine().docker, engine().env, lines.append, secrets)
    return Site(ctx, free_port(), image, secrets, lines)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, app_image: str) -> Iterator[Site]:
    """A site whose first version is deployed, after one that failed."""
    made = make_site(tmp_path_factory.mktemp("checkout"), app_image)
    try:
        with pytest.raises(DeploymentFailed) as failed:
            made.deploy("exits")
        made.first_failure = failed.value
        made.after_first_failure = (made.tasks(), made.get()[0])
        made.deploy()
        yield made
    finally:
        down(made.ctx)


@dataclass(frozen=True)
class Proxy:
    """A container with the load balancer's HAProxy in it, and no network."""

    client: Client
    name: str

    def judge(self, text: str) -> str:
        """Return what HAProxy says against a configuration, or nothing."""
        call = ("exec", "--interactive", self.name, "haproxy", "-c", "-f", "/dev/stdin")
        return self.client.run(*call, stdin=text).stderr


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """HAProxy, which nothing runs yet."""
    context = Context(tmp_path_factory.mktemp("judge"), engine().docker, engine().env, print, templates.Secrets())
    made = Proxy(Client(context), f"{context.prefix}-judge")
    with_own_image(
        made.client, "haproxy", "run", "--detach", "--network=none", f"--name={made.name}",
        *made.client.labels("balancer"), "--entrypoint=sleep", arguments=["infinity"],
    )  # fmt: skip
    try:
        yield made
    finally:
        made.client("rm", "--force", made.name)


@pytest.fixture(scope="module")
def judged(proxy: Proxy) -> Callable[[str], str]:
    """HAProxy's own judgement of a configuration: what it says against it, or nothing."""
    return proxy.judge
