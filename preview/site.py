"""The site of a working tree as containers: made, changed while it serves, removed without a rest."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

import requests

from containers import clearing, database, readable
from containers.engine import Engine
from containers.option_fields import readable_mount
from preview import composition
from preview.mounts import Mount, mounts

OVERRIDES: Final = Path(__file__).with_name("overrides")
# Where the image has files of its own beside ``src/``'s: a volume that holds both takes its place.
CONFIGURATION: Final = PurePosixPath("/etc/nginx")
DATABASE_PATIENCE: Final = 60  # seconds until the database answers
START_PATIENCE: Final = 30.0  # seconds until the site answers
_POLL: Final = 0.1
_EDITED: Final = "/floodgate/conf"
_FIRST_CONFIGURATION: Final = (
    f"cat /floodgate/override.conf >>{CONFIGURATION}/upstream.conf && cp -R {_EDITED}/. {CONFIGURATION}/"
    f" && chown -R 101:101 {CONFIGURATION}"
)
_TRIED: Final = "/tmp/tried"  # noqa: S108 - in a container
_RELOAD: Final = f"nginx -s reload -e stderr -c {CONFIGURATION}/nginx.conf"
# Of one piece: each call of the engine costs a tenth of a second, on a busy machine several.
_NEW_CONFIGURATION: Final = f"""
rm -rf {_TRIED} && cp -R {CONFIGURATION} {_TRIED} &&
cd {_TRIED} && rm -rf -- "$@" && cp -R {_EDITED}/. . && nginx -t -e stderr -c {_TRIED}/nginx.conf &&
cd {CONFIGURATION} && rm -rf -- "$@" && cp -R {_TRIED}/. . && {_RELOAD}
"""
_COURSE: Final = r"""
require '/var/www/wordpress/core/wp-load.php';
use Floodgate\Registration\{Course, CourseDraft, Courses, Database};
$draft = new CourseDraft(slug: $argv[1], title: $argv[2], text: '', seats: 12, opensAt: (int) $argv[3],
    closesAt: null, timeZone: null, fields: [], onePerEmail: true);
$added = (new Courses(Database::ofWordPress()))->add($draft);
$added instanceof Course || throw new RuntimeException("the course is refused: {$added->name}");
"""


class SourceClosed(Exception):
    """The site's processes may not read the working tree; the message says which file, and what to do."""


class SiteFailed(Exception):
    """The site does not come up; the message says why, and ``tail`` holds the last lines of who knows more."""

    def __init__(self, message: str, tail: str = "") -> None:
        super().__init__(message)
        self.tail = tail


def readable_by_all(checkout: Path) -> None:
    """Raise SourceClosed where processes of other users could not read the working tree."""
    source = checkout / "src"
    if (path := next(readable.closed(source, OVERRIDES), None)) is not None:
        raise SourceClosed(
            f"{path} may be read by its owner alone, and the site's processes, which are other users, read the "
            f"working tree: chmod -R go+rX {source} {OVERRIDES}"
        )


@dataclass
class Site:
    """The site of one checkout. ``say`` takes a line of progress."""

    engine: Engine
    checkout: Path
    say: Callable[[str], None]
    mounts: dict[str, tuple[Mount, ...]] = field(init=False)
    _laid: set[str] = field(init=False, default_factory=set)
    _server: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Read what the images have of ``src/``."""
        self.mounts = {name: mounts(self.source / name / "Dockerfile", self.source) for name in ("nginx", "wordpress")}

    @property
    def source(self) -> Path:
        """The folder that is edited, the build context of both images."""
        return self.checkout / "src"

    @property
    def prefix(self) -> str:
        """The start of every name that this checkout's site has in the engine."""
        return "fgpreview-" + hashlib.sha256(str(self.checkout).encode()).hexdigest()[:8]

    @property
    def _label(self) -> str:
        return f"floodgate.preview={self.checkout}"

    def name(self, part: str) -> str:
        """Return the name of a container or a volume."""
        return f"{self.prefix}-{part}"

    # Images

    def image(self, name: str) -> str:
        """Return the tag of an image: another one when what is not mounted has changed."""
        if name in self.mounts:
            # The names in nginx's configuration too: the image's own would stay beside the working tree's.
            parts = [self.source / name / "Dockerfile", *sorted((self.source / "core").iterdir())]
            content = b"".join(path.read_bytes() for path in parts) + repr(sorted(self._configuration())).encode()
            content += repr(composition.BUILDS[name]).encode()
        else:
            folder = Path(composition.build(self.checkout, name)[-1])
            content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
        return f"{self.prefix}-{name}:{hashlib.sha256(content).hexdigest()[:12]}"

    def build(self) -> None:
        """Build the images that are missing."""
        self._server = database.wanted()
        images = [self.image(name) for name in (*composition.PARTS, self._server)]
        if self.engine.has_images(*images):  # as a rule: one call of the engine for all
            return
        self.say("building what is missing, once, which may take minutes")
        for name in composition.PARTS:
            self._build(name)
        self._server = database.build(self._build, self.say)

    def _build(self, name: str) -> None:
        started, image = time.monotonic(), self.image(name)
        if not self.engine.has_images(image):
            self.engine.build(image, "--label", self._label, *composition.build(self.checkout, name))
            self.say(f"built {name} ({time.monotonic() - started:.0f} s)")

    # Up and down

    def start(self, port: int, password: str) -> None:
        """Start everything, and return when the site answers at ``port``; the administrator gets ``password``."""
        self._network()
        self.environment = composition.environment(
            DB_PASSWORD=password,
            WP_ADMIN_USER="organiser",
            WP_ADMIN_PASSWORD=password,
            SITE_URL=f"http://localhost:{port}",
            FLOODGATE_COMMIT="working-tree",
        )
        self.url = self.environment["SITE_URL"]
        with ThreadPoolExecutor() as pool:
            steps = [
                pool.submit(self._start_database, password),
                pool.submit(
                    self._start_container, "pause", *composition.pause(self.prefix, port, self.image("wordpress"))
                ),
                pool.submit(self._first_configuration),
            ]
            for step in steps:
                step.result()
        self.install()
        with ThreadPoolExecutor() as pool:
            for step in [pool.submit(self._start_php), pool.submit(self._start_nginx)]:
                step.result()
        self.wait_until_ready()

    def clear(self, *, images: bool = False) -> None:
        """Remove all that this or a killed ``make site`` has made; the images stay for the next one, unless told."""
        clearing.clear(self.engine, self._label, images=images)

    def install(self) -> None:
        """Run the install step to its end."""
        options = composition.wordpress(self._shared, self.name("content"), self.name("authorities"), self.environment)
        done = self.engine.run(
            *("run", "--rm", "--label", self._label, *options, *self._mounted("wordpress")),
            *(self.image("wordpress"), "floodgate-install"),
        )
        if done.returncode:
            raise SiteFailed("the install step failed:", (done.stdout + done.stderr).strip())

    def add_course(self, slug: str, title: str, opens: datetime) -> str:
        """Add a course; its path."""
        moment = str(round(opens.timestamp() * 1000))
        self.engine("exec", self.name("wordpress"), "php", "-r", _COURSE, "--", slug, title, moment)
        return f"/register/{slug}/"

    # What follows an edit

    def restart(self, part: str) -> None:
        """Start a container anew: it mounts the files as they are now. Raise ``SiteFailed`` if the site stays away."""
        self.engine("restart", "--time", "0", self.name(part))
        self.wait_until_ready(part)

    def configure(self) -> list[str]:
        """Let nginx check its edited configuration and, if it is right, go over to it; what nginx says against it.

        It is checked beside the one that serves: a container that starts anew meanwhile still finds that one.
        """
        now = self._configuration()
        words = ("sh", "-c", _NEW_CONFIGURATION, "sh", *sorted(self._laid - now))
        done = self.engine.run("exec", self.name("nginx"), *words)
        if done.returncode:
            return done.stderr.replace(f"{_TRIED}/", f"{CONFIGURATION}/").strip().splitlines()
        self._laid = now
        return []

    def forget_files(self) -> None:
        """Let nginx look at its files again: it keeps open what it has served."""
        self.engine("exec", self.name("nginx"), *_RELOAD.split())

    def in_source(self, name: str, path: str) -> str:
        """Return a path of an image as the path in the checkout that it is, where it is one."""
        for mount in self.mounts[name]:
            if found := mount.outside(PurePosixPath(path)):
                return f"src/{found}"
        return path

    def wait_until_ready(self, part: str = "wordpress") -> None:
        """Wait until PHP and the database answer through nginx; on ``part`` the wait hangs."""
        deadline = time.monotonic() + START_PATIENCE
        while not self._answers():
            running = self.engine("container", "inspect", "--format", "{{.State.Running}}", self.name(part)).strip()
            if running != "true" or time.monotonic() > deadline:
                log = self.engine.run("logs", "--tail", "8", self.name(part))
                state = "has ended" if running != "true" else f"does not answer within {START_PATIENCE:.0f} s"
                raise SiteFailed(f"{part} {state}:", (log.stdout + log.stderr).strip())
            time.sleep(_POLL)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/floodgate/ready", timeout=5).ok
        except requests.RequestException:
            return False

    # Containers

    @property
    def _shared(self) -> str:
        return f"container:{self.name('pause')}"

    def _network(self) -> None:
        self.engine("network", "create", "--label", self._label, self.prefix)
        for volume in ("content", "configuration", "authorities", "sockets"):
            self.engine("volume", "create", "--label", self._label, self.name(volume))

    def _start_container(self, part: str, *args: str) -> None:
        self.engine("run", "--detach", "--label", self._label, "--name", self.name(part), *args)

    def _start_database(self, password: str) -> None:
        self._start_container(
            "database", *composition.server(self.prefix, self.name("authorities"), self.image(self._server))
        )
        make = composition.make_account(password, DATABASE_PATIENCE)
        done = self.engine.run("exec", self.name("database"), *make)
        if done.returncode == composition.SILENT:
            raise SiteFailed(f"the database does not answer within {DATABASE_PATIENCE} s:", done.stderr.strip())
        if done.returncode:
            raise SiteFailed("the database does not take the site's account:", done.stderr.strip())

    def _start_php(self) -> None:
        volumes = self.name("content"), self.name("authorities")
        options = composition.wordpress(self._shared, *volumes, self.environment, self.name("sockets"))
        override = readable_mount(OVERRIDES / "php.ini", "/etc/php/8.4/fpm/conf.d/99-preview.ini")
        self._start_container("wordpress", *options, *self._mounted("wordpress"), override, self.image("wordpress"))

    def _start_nginx(self) -> None:
        options = composition.nginx(self._shared, self.name("content"), self.name("sockets"), self.environment)
        self._start_container("nginx", *options, *self._mounted("nginx"), self.image("nginx"))

    def _first_configuration(self) -> None:
        self._laid = self._configuration()
        override = readable_mount(OVERRIDES / "nginx.conf", "/floodgate/override.conf")
        self.engine(
            *("run", "--rm", "--label", self._label, "--network", "none", "--user", "0", *self._mounted("nginx")),
            *(override, "--entrypoint", "sh", self.image("nginx"), "-c", _FIRST_CONFIGURATION),
        )

    def _configuration(self) -> set[str]:
        """Return the names of nginx's configuration files in the working tree."""
        folders = [self.source / mount.source for mount in self.mounts["nginx"] if mount.destination == CONFIGURATION]
        return {path.name for folder in folders for path in folder.iterdir()}

    def _mounted(self, name: str) -> list[str]:
        """Return the options that lay the working tree over what an image has of it."""
        options = ["--security-opt", "label=disable"]  # where SELinux rules, containers may not read the checkout
        for mount in self.mounts[name]:
            destination = str(mount.destination)
            if mount.destination == CONFIGURATION:
                options += ["-v", f"{self.name('configuration')}:{destination}"]
                destination = _EDITED
            options.append(readable_mount(self.source / mount.source, destination))
        return options
