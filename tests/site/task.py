"""A task of the site, run as its task definition says: shared loopback, read-only roots, no capabilities."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

import requests

from containers import clearing, database
from containers.engine import Engine
from preview import composition
from tests.site.sql import Session

ROOT: Final = Path(__file__).parents[2]
CHECKOUT: Final = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
PREFIX: Final = f"fgsite-{CHECKOUT}"
DATABASE_PASSWORD: Final = "database-password"
DATABASE_PATIENCE: Final = 40  # seconds until the database answers
ADMIN: Final = ("editor-in-chief", "admin's \\ pass\"word 1")
STORM_TOKEN: Final = "StormTokenOfTheTests".ljust(64, "0")  # as long as the generated one
FRONT_KEY: Final = "FrontKeyOfTheTests".ljust(64, "0")
COURSE: Final = "/register/swimming-for-beginners/"

T = TypeVar("T")


def image(name: str) -> str:
    """Return the tag of one of the images under test; each line of WordPress has its own."""
    return f"{PREFIX}-{name}:{composition.WORDPRESS if name in composition.PARTS else 'latest'}"


def eventually(probe: Callable[[], T | None], seconds: float = 40.0) -> T:
    """Return the first true answer of ``probe``, asked until then; raise AssertionError when there is none in time.

    A site that restarts refuses connections, and breaks off answers that are under way.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = probe()
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{probe} gave nothing true in {seconds:.0f} s"
        time.sleep(0.1)


@dataclass(frozen=True)
class Exit:
    """How a container's run ended."""

    code: int
    log: str


@dataclass
class Host:
    """The engine, one network, one database server: what every task of a test session shares.

    Two sessions of one checkout can run side by side under two kinds.
    """

    engine: Engine
    kind: str = "site"
    names: list[str] = field(default_factory=list)
    server: str = ""

    @property
    def prefix(self) -> str:
        return f"fg{self.kind}-{CHECKOUT}"

    @property
    def label(self) -> str:
        return f"floodgate.{self.kind}-tests={ROOT}"

    @property
    def network(self) -> str:
        return self.prefix

    @property
    def database(self) -> str:
        return f"{self.prefix}-database"

    @property
    def authorities(self) -> str:
        return f"{self.prefix}-authorities"

    @cached_property
    def sql(self) -> Session:
        """The tests' own session with the database."""
        return Session(self.engine, self.database)

    def start_container(self, name: str, *args: str) -> str:
        """Start a container in the background."""
        self.names.append(name)
        return self.engine("run", "-d", "--label", self.label, "--name", name, *args)

    def start(self) -> None:
        """Build what is to be tested, and start the database."""
        self.clear()
        for name in composition.PARTS:
            self._build(name)
        self.server = database.build(self._build, print)
        self.engine("network", "create", "--label", self.label, self.network)
        self.engine("volume", "create", "--label", self.label, self.authorities)
        self.start_container(self.database, *composition.server(self.network, self.authorities, image(self.server)))
        self.engine("exec", self.database, *composition.make_account(DATABASE_PASSWORD, DATABASE_PATIENCE))

    def _build(self, name: str) -> None:
        self.engine.build(image(name), *composition.build(ROOT, name))

    def version(self) -> str:
        """Return what the database server is, and its version."""
        [[version]] = self.sql.rows("SELECT VERSION()", "mysql")
        return f"{database.SERVERS[self.server]} {version}"

    def clear(self) -> None:
        """Remove what this or an interrupted session has made, except the images: they are the next one's cache."""
        self.sql.close()
        clearing.clear(self.engine, self.label, images=False)

    def environment(self, **changes: str | None) -> dict[str, str]:
        """Return the environment of the task definition; a change to None takes a variable away."""
        values: dict[str, str | None] = {
            "DB_PASSWORD": DATABASE_PASSWORD,
            "WP_ADMIN_USER": ADMIN[0],
            "WP_ADMIN_PASSWORD": ADMIN[1],
            "SITE_URL": "http://localhost:8080",
            "FLOODGATE_COMMIT": "0123456789abcdef",
            "PHP_CHILDREN": "4",
            "STORM_TOKEN": STORM_TOKEN,
        }
        return composition.environment(**{**values, **changes})

    def wordpress(
        self,
        environment: Mapping[str, str],
        *command: str,
        volume: str | None = None,
        network: str | None = None,
        built: str | None = None,
    ) -> Exit:
        """Run a command in a WordPress container of its own to its end; ``built`` is another image than the tested."""
        options = composition.wordpress(network or self.network, volume, self.authorities, environment)
        done = self.engine.run(
            *("run", "--rm", "--label", self.label, *options), *(built or image("wordpress"), *command)
        )
        return Exit(done.returncode, done.stdout + done.stderr if done.returncode else done.stdout)


class Task:
    """One running task: pause container with the published port, php-fpm and nginx beside it, one volume.

    ``beside`` is another task of the same site: its address, its database, its volume. ``built`` is WordPress's image.
    """

    def __init__(
        self, host: Host, name: str, *, beside: Task | None = None, built: str | None = None, **changes: str | None
    ) -> None:
        self.host = host
        self.name = f"{host.prefix}-{name}"
        self.built = built or image("wordpress")
        self.volume: str = beside.volume if beside else f"{self.name}-content"
        if beside is None:
            host.engine("volume", "create", "--label", host.label, self.volume)
        self.sockets: str = f"{self.name}-sockets"
        host.engine("volume", "create", "--label", host.label, self.sockets)
        host.start_container(
            self.container("pause"),
            *composition.pause(host.network, None, image("wordpress")),
        )
        published = host.engine("port", self.container("pause"), "8080")
        port = re.search(r":(\d+)$", published, re.MULTILINE)
        assert port, published
        self.url = f"http://localhost:{port[1]}"
        self.site: str = beside.site if beside else self.url
        self.environment: dict[str, str] = host.environment(
            **{**(beside.environment if beside else {"SITE_URL": self.url}), **changes}
        )

    @property
    def network(self) -> str:
        return f"container:{self.container('pause')}"

    def container(self, name: str) -> str:
        return f"{self.name}-{name}"

    def install(self, **changes: str) -> Exit:
        """Run the install step, once; with other settings if any are named."""
        return self.run("floodgate-install", **changes)

    def run(self, *command: str, **changes: str) -> Exit:
        """Run a command in a container of the task, to its end."""
        environment = {**self.environment, **changes}
        return self.host.wordpress(environment, *command, volume=self.volume, network=self.network, built=self.built)

    def serve(self, *php_options: str) -> None:
        """Start php-fpm (with more of the engine's options, if any) and nginx, and wait until the site is ready."""
        options = composition.wordpress(
            self.network, self.volume, self.host.authorities, self.environment, self.sockets
        )
        self.host.start_container(self.container("wordpress"), *options, *php_options, self.built)
        variables = {**self.environment, "STORM_TOKEN": STORM_TOKEN, "FRONT_KEY": FRONT_KEY}
        options = composition.nginx(self.network, self.volume, self.sockets, variables)
        self.host.start_container(self.container("nginx"), *options, image("nginx"))
        self.wait_until_ready()

    def remove(self) -> None:
        """End it, as a deployment ends an old task; the volume stays."""
        names = self.host.engine("ps", "-aq", "--filter", f"name=^/{self.name}-").split()
        if names:
            self.host.engine("rm", "-fv", *names)

    def wait_until_ready(self) -> None:
        """Wait until PHP and the database answer through nginx."""
        eventually(lambda: requests.get(f"{self.url}/floodgate/ready", timeout=10).ok)

    def engine(self, verb: str, container: str) -> None:
        """Tell the engine to ``stop``, ``start``, ``pause`` or ``unpause`` one of the task's containers."""
        quick = ["--time", "2"] if verb == "stop" else []
        self.host.engine(verb, *quick, self.container(container))

    def exec(self, container: str, *command: str) -> str:
        """Run a command inside one of the task's containers."""
        return self.host.engine("exec", self.container(container), *command)

    def log(self, container: str) -> str:
        """Return all that a container has said."""
        done = self.host.engine.run("logs", self.container(container))
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def write(self, path: str, text: str) -> None:
        """Write a file on the volume, as a plugin could have put it there."""
        encoded = base64.b64encode(text.encode()).decode()
        self.exec(
            "wordpress", "php", "-r", f"file_put_contents('/var/www/content/{path}', base64_decode('{encoded}'));"
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        """Get once without following redirects, under the site's own name as a load balancer passes it on."""
        headers = {"Host": self.site.removeprefix("http://"), **headers}
        return requests.get(self.url + path, headers=headers, allow_redirects=False, timeout=60)
