"""A task of the site on this machine as options of the engine: what its task definition says, in plain values.

A pause container holds the network and the published port; php-fpm and nginx share its loopback, as in a task.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from containers import database

# The line of WordPress that the images hold: another one than the default, for the tests on both.
WORDPRESS: Final = os.environ.get("FLOODGATE_WORDPRESS", "6.8")
# What a site consists of, beside its database.
PARTS: Final = ("nginx", "wordpress")
_LINE = ("--build-arg", f"WORDPRESS={WORDPRESS}")
# Each image's options and folder of ``docker build``, its paths from the checkout's root.
BUILDS: Final[Mapping[str, tuple[str, ...]]] = {
    "nginx": ("-f", "src/nginx/Dockerfile", *("--build-arg", "UPSTREAM=localhost"), *_LINE, "src"),
    "wordpress": ("-f", "src/wordpress/Dockerfile", *_LINE, "src"),
    **{name: ("-f", f"{database.FOLDER}/{name}/Dockerfile", database.FOLDER) for name in database.SERVERS},
}
HARDENED: Final = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "-v", "/tmp")  # noqa: S108 - in a container
# The name by which tasks find the database in their network.
DATABASE: Final = "database"
PORT: Final = 8080
SILENT: Final = 124  # how ``make_account`` ends where no database answers
_CONTENT: Final = "/var/www/content"
_SOCKETS: Final = "/run/floodgate"
_AUTHORITIES: Final = "/etc/floodgate/rds"
# What the cluster's parameter group sets.
_PARAMETERS: Final = ("--require-secure-transport=ON", "--max-connect-errors=9223372036854775807")


def build(checkout: Path, name: str) -> tuple[str, ...]:
    """Return the options and the folder with which an image is built, as absolute paths."""
    *options, context = BUILDS[name]
    files = [str(checkout / word) if word.endswith("Dockerfile") else word for word in options]
    return (*files, str(checkout / context))


def environment(**values: str | None) -> dict[str, str]:
    """Return the variables of the task definition: what is alike in every local site, and ``values``.

    None takes one away.
    """
    alike: dict[str, str | None] = {
        "DB_HOST": DATABASE,
        "DB_PORT": "3306",
        "DB_NAME": "floodgate",
        "DB_USER": "floodgate",
        "WP_SALT": "a long secret that is the same in every task; " * 2,
        "WP_ADMIN_EMAIL": "editor@example.org",
        "SITE_TITLE": "Riverside Courses",
        "FLOODGATE_STAGE": "dev",
        "COURSE_TITLE": "Swimming for beginners",
        "COURSE_SEATS": "12",
        "COURSE_OPENS_AT": "2000-01-01T12:00:00+01:00",
    }
    return {name: value for name, value in {**alike, **values}.items() if value is not None}


def make_account(password: str, patience: int) -> list[str]:
    """Return the command, in the database's container, that makes the site's account as soon as the server answers.

    It waits ``patience`` seconds, and then ends with the exit code ``SILENT``.
    """
    account = (
        f"CREATE USER floodgate@'%' IDENTIFIED BY '{password}'; GRANT ALL ON *.* TO floodgate@'%' WITH GRANT OPTION"
    )
    return ["answering", str(patience), "sql", "-e", account]


def server(network: str, authorities: str, image: str) -> list[str]:
    """Return options, image and arguments of the database's container.

    The volume ``authorities`` gets what certifies it.
    """
    mount = ["-v", f"{authorities}:{database.AUTHORITIES}"]
    return ["--network", network, "--network-alias", DATABASE, "-e", f"NAMES={DATABASE}", *mount, image, *_PARAMETERS]


def pause(network: str, port: int | None, image: str) -> list[str]:
    """Return options, image and command of the pause container.

    The site is published on loopback, None: at any free port.
    """
    published = f"127.0.0.1:{port or ''}:{PORT}"
    return ["--network", network, "-p", published, "--entrypoint", "sleep", image, "infinity"]


def wordpress(
    network: str, volume: str | None, authorities: str, variables: Mapping[str, str], sockets: str | None = None
) -> list[str]:
    """Return the options of a container of WordPress's image, of php-fpm or of a command.

    It trusts a database that the volume ``authorities`` certifies. Where nginx is to ask it, both have the volume
    ``sockets``, each task its own.
    """
    content = ["-v", f"{volume}:{_CONTENT}"] if volume else []
    content += ["-v", f"{sockets}:{_SOCKETS}"] if sockets else []
    content += ["-v", f"{authorities}:{_AUTHORITIES}:ro"]
    return [*HARDENED, "--user", "33:33", "--network", network, *_options(variables), *content]


def nginx(network: str, volume: str, sockets: str, variables: Mapping[str, str]) -> list[str]:
    """Return the options of nginx's container; it gets of the variables what its task definition gives it."""
    own = {name: variables[name] for name in ("STORM_TOKEN", "FRONT_KEY", "PHP_CHILDREN") if name in variables}
    content = ["-v", f"{volume}:{_CONTENT}:ro", "-v", f"{sockets}:{_SOCKETS}:ro"]
    return [*HARDENED, "--user", "101:101", "--network", network, *_options(own), *content]


def _options(variables: Mapping[str, str]) -> list[str]:
    return [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
