"""What is compared: each variant as containers that share one network namespace, the load's."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bench.common import wrk
from bench.common.cpu_meter import Meter
from bench.common.images import EARLIER_IMAGES
from bench.common.lab import Failed, Lab
from containers import database
from settings.capacity import pools

# The site's address as WordPress knows it; every variant is asked by this name, whatever port it listens on.
HOST = "localhost:8080"
# A task of one vCPU, and its memory in MiB, from which the numbers of PHP's children follow.
TASK_CPU, TASK_MIB = 1024, 2048
EDITOR = "benchmark"
PASSWORD = "benchmark"  # noqa: S105 - of a database that lives for minutes
STORM_TOKEN = "benchmark-storm-token"  # noqa: S105 - of a site that lives for minutes
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--volume", "/tmp")  # noqa: S108 - in a container
CONTENT = "content"
DATABASE = "database"
AUTHORITIES = "authorities"
NETWORK = "net"


def environment() -> dict[str, str]:
    """Return the environment of the task definition, for a course that is open."""
    return {
        "DB_HOST": "database",
        "SSL_CERT_DIR": "/etc/ssl/certs:/etc/floodgate/rds",  # as in the site's image
        "DB_PORT": "3306",
        "DB_NAME": "floodgate",
        "DB_USER": "floodgate",
        "DB_PASSWORD": PASSWORD,
        "WP_SALT": "a long secret that is the same in every task; " * 2,
        "WP_ADMIN_USER": EDITOR,
        "WP_ADMIN_PASSWORD": PASSWORD,
        "WP_ADMIN_EMAIL": "benchmark@example.org",
        "SITE_URL": f"http://{HOST}",
        "SITE_TITLE": "Riverside Courses",
        "FLOODGATE_STAGE": "dev",
        "FLOODGATE_COMMIT": "benchmark",
        "COURSE_TITLE": "Swimming for beginners",
        "COURSE_SEATS": "100",
        "COURSE_OPENS_AT": (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds"),
        "STORM_TOKEN": STORM_TOKEN,
        # A site that sends mails: a claim writes one into its outbox, and nobody empties that.
        **{f"MAIL_{name}": "1" for name in ("FROM", "HOST", "PORT", "USER", "PASSWORD", "PER_SECOND")},
        "TASK_CPU": str(TASK_CPU),
        **pools(TASK_MIB).environment,
    }


def as_options(values: Mapping[str, str]) -> list[str]:
    """Return an environment as options of the engine."""
    return [word for name, value in values.items() for word in ("--env", f"{name}={value}")]


@dataclass(frozen=True)
class Container:
    """One container of a variant."""

    image: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variant:
    """One way to serve the page.

    ``php`` are the containers in which PHP renders it, ``cached`` says that it does so rarely.
    """

    key: str
    title: str
    port: int
    containers: Mapping[str, Container]
    path: str = "/"
    php: frozenset[str] = frozenset({"php"})
    cached: bool = False


PHP = ("--volume", "{content}:/var/www/content", "--volume", "{authorities}:/etc/floodgate/rds:ro")
SOCKETS = "/run/floodgate"
ORIGINAL = {"php": Container("original-php", PHP), "nginx": Container("original-nginx", PHP)}


def _site(key: str, title: str, images: str = "") -> Variant:
    return Variant(
        key,
        title,
        8080,
        {
            "wordpress": Container(
                f"wordpress{images}", (*HARDENED, "--user", "33:33", *PHP, "--volume", f"{{sockets}}:{SOCKETS}")
            ),
            "nginx": Container(
                f"nginx{images}",
                (
                    *(*HARDENED, "--user", "101:101", "--volume", "{content}:/var/www/content:ro"),
                    *("--volume", f"{{sockets}}:{SOCKETS}:ro"),
                ),
            ),
        },
        php=frozenset({"wordpress"}),
        cached=True,
    )


SITE = _site("site", "this site")
# The site of an earlier commit, on the same tables: these only ever gain columns.
EARLIER = _site("earlier", "the earlier build", images=EARLIER_IMAGES)
VARIANTS = (
    SITE,
    Variant("original", "original design (nginx, php-fpm)", 80, ORIGINAL),
    Variant(
        "apache", "stock shape (Apache, mod_php)", 80, {"apache": Container("apache", PHP)}, php=frozenset({"apache"})
    ),
    Variant("varnish", "Varnish in front", 8080, {**ORIGINAL, "varnish": Container("varnish")}, cached=True),
    Variant(
        "static",
        "limit (a static file)",
        80,
        {"nginx": Container("static")},
        "/page.html",
        php=frozenset(),
        cached=True,
    ),
)
BY_KEY = {variant.key: variant for variant in (*VARIANTS, EARLIER)}


def start_database(lab: Lab) -> None:
    """Start one database for all, on the load's core: in production it is another machine."""
    lab.make("volume", AUTHORITIES)
    lab.start(
        *(DATABASE, DATABASE, "--network", lab.name(NETWORK), "--network-alias", "database"),
        *("--volume", f"{lab.name(AUTHORITIES)}:{database.AUTHORITIES}"),
        core=lab.cores.load,
    )
    account = f"CREATE USER floodgate@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO floodgate@'%'"
    try:
        lab.exec(DATABASE, "answering", "60", "sql", "-e", account)
    except Failed as failure:
        raise Failed(f"the database did not start within 60 s: {failure}") from None


def query(lab: Lab, sql: str, schema: str = "floodgate") -> list[list[str]]:
    """Query rows of a database, as a rule the site's."""
    lines = lab.exec(DATABASE, "sql", "--batch", "--skip-column-names", schema, "-e", sql).splitlines()
    return [line.split("\t") for line in lines]


def install(lab: Lab, network: str, content: str, changes: Mapping[str, str], *more: str) -> None:
    """Run the site's own install step, to its end."""
    volumes = [option.format(content=lab.name(content), authorities=lab.name(AUTHORITIES)) for option in PHP]
    options = (*HARDENED, "--user", "33:33", *volumes, *more)
    variables = as_options({**environment(), **changes})
    lab("run", "--rm", "--network", network, *options, *variables, lab.name("wordpress"), "floodgate-install")


@dataclass(frozen=True)
class Page:
    """An answer: when it came (Unix seconds), its head, its body as sent."""

    moment: float
    head: str
    body: bytes


@dataclass(frozen=True)
class Screen:
    """A screen of the dashboard: how many seconds it took, and its status (0: no whole one came)."""

    seconds: float
    status: int


@dataclass(frozen=True)
class Happened:
    """What people met, an entry for each attempt.

    When it ended (seconds from the start), how long it took, and its kind (g good, w waiting page, e error, a abort);
    then how late the people themselves were, their share of a core, the requests that they sent, and the bytes that
    they received.
    """

    ended: list[float]
    took: list[float]
    kind: str
    lag: float
    busy: float
    requests: int
    received: int

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Happened:
        """Make it from the report of ``bench.site.people``."""
        return cls(**report)

    def moments(self, kind: str) -> list[float]:
        """Return when attempts of a kind ended."""
        return [ended for ended, each in zip(self.ended, self.kind, strict=True) if each == kind]

    def waits(self, kind: str, start: float, end: float) -> list[float]:
        """Return how long attempts of a kind took that ended in [start, end)."""
        return [
            took
            for ended, took, each in zip(self.ended, self.took, self.kind, strict=True)
            if each == kind and start <= ended < end
        ]


@dataclass
class Running:
    """A variant that runs: the load in whose namespace it listens, and the meter of its CPU time."""

    lab: Lab
    variant: Variant
    # What the static limit serves, by file name.
    files: Mapping[str, bytes] = field(default_factory=dict)
    name: str = ""
    # Variables that differ from the environment of all.
    changes: Mapping[str, str] = field(default_factory=dict)
    content: str = CONTENT
    _meter: Meter | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.name = self.name or self.variant.key

    def container(self, part: str) -> str:
        """Return the short name of one of its containers."""
        return f"{self.name}-{part}"

    @property
    def parts(self) -> list[str]:
        """The short names of the containers that serve."""
        return [self.container(part) for part in self.variant.containers]

    @property
    def sockets(self) -> str:
        """The short name of the volume that its containers share."""
        return self.container("sockets")

    @property
    def load(self) -> str:
        """The short name of the container that asks."""
        return self.container("load")

    def start(self) -> None:
        """Start the load, then what serves, and wait for the first page."""
        self.start_load()
        for part in self.variant.containers:
            self.start_part(part, core=self.lab.cores.site)
        self.place_files()

    def start_load(self) -> None:
        """Start the load's container, whose network namespace the others join, and make their folder of sockets."""
        self.lab.make("volume", self.sockets)
        ports = ("--sysctl", "net.ipv4.ip_local_port_range=1024 65535")
        # As root it may listen for them below 1024.
        self.lab.start(self.load, "load", "--network", self.lab.name(NETWORK), *ports, core=self.lab.cores.load)

    def start_part(self, part: str, *, core: int | None, more: tuple[str, ...] = ()) -> None:
        """Start one of the containers that serve."""
        container = self.variant.containers[part]
        volumes = {"content": self.content, "authorities": AUTHORITIES, "sockets": self.sockets}
        names = {key: self.lab.name(short) for key, short in volumes.items()}
        options = [option.format(**names) for option in container.options]
        shared = ("--network", f"container:{self.lab.name(self.load)}")
        variables = as_options({**environment(), **self.changes})
        self.lab.start(self.container(part), container.image, *shared, *variables, *options, *more, core=core)

    def restart(self) -> None:
        """Make it forget what is queued."""
        self.lab("restart", "--time", "1", *map(self.lab.name, self.parts))
        self._meter = None
        self.fetch()

    @property
    def meter(self) -> Meter:
        """The CPU time of the containers that serve."""
        if self._meter is None:
            self._meter = Meter.of(self.lab.pids(self.parts))
        return self._meter

    def settle(self) -> None:
        """Wait until nothing is left to do; what is left after a second is thrown away by a restart."""
        if not self.meter.idle():
            self.restart()

    def fetch(self, path: str | None = None, *, gzip: bool = False, accepts: str = "", within: float = 60.0) -> Page:
        """Return the first good answer for a path, asked from inside the namespace; ``accepts`` names encodings.

        Raise Failed when none comes in time.
        """
        encoding = accepts or ("gzip" if gzip else "identity")
        address = path or self.variant.path
        arguments = (str(self.variant.port), HOST, address, encoding, str(within), STORM_TOKEN)
        output = self.lab.exec(self.load, "python3", "-m", "bench.site.fetch", *arguments, timeout=within + 30)
        status, moment, head, body = json.loads(output)
        if status != HTTPStatus.OK:
            raise Failed(
                f"{self.variant.title}: no page at {address} within {within:.0f} s; the last answer: {status or head}"
            )
        return Page(moment, head, base64.b64decode(body))

    def wrk(self, load: wrk.Load) -> wrk.Answers:
        """Run wrk to its end."""
        return wrk.parse(self.lab.exec(self.load, *load.command()))

    def people(self, specification: Mapping[str, object]) -> Happened:
        """Run people to their end; the specification is that of bench.site.people."""
        headers = {"Accept-Encoding": "gzip", "X-Floodgate-Storm": STORM_TOKEN, "X-Floodgate-Person": "{n}"}
        whole = {"port": self.variant.port, "host": HOST, "headers": headers, **specification}
        return Happened.of(
            json.loads(self.lab.exec(self.load, "python3", "-m", "bench.site.people", json.dumps(whole)))
        )

    def editor(self, after: float, seconds: float) -> list[Screen]:
        """Work in the dashboard for so many seconds, logged in before; return what each screen took."""
        arguments = (str(self.variant.port), HOST, EDITOR, PASSWORD, str(after), str(seconds))
        output = self.lab.exec(self.load, "python3", "-m", "bench.site.editor", *arguments)
        return [Screen(*each) for each in json.loads(output)]

    def place_files(self) -> None:
        """Write the files that it serves anew, as a cache does each second, and wait for the page.

        Where a file happens to lie in memory (in one piece or in many) makes up to 40 % of what sending it costs.
        """
        with tempfile.TemporaryDirectory() as folder:
            for name, body in self.files.items():
                file = Path(folder, name)
                file.write_bytes(body)
                file.chmod(0o644)
                self.lab("cp", str(file), f"{self.lab.name(self.parts[0])}:/srv/{name}")
        if self.files:
            self.lab("kill", "--signal", "HUP", self.lab.name(self.parts[0]))
        self.fetch()
