"""Which database server stands in for Aurora MySQL: MySQL, or MariaDB where that is wanted or the only one to be had.

Its two images have one shape: ``answering`` waits for the server, ``sql`` is its administrator's client, data is in
``DATA``; each puts what certifies it into the folder ``AUTHORITIES``, as OpenSSL looks for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from containers.errors import EngineError

# What each is called, by the folder of its Dockerfile in ``FOLDER``.
SERVERS: Final[Mapping[str, str]] = {"mysql": "MySQL", "mariadb": "MariaDB"}
FOLDER: Final = "rehearsal/fargate/task/own_images/database"
DATA: Final = "/var/lib/mysql"
AUTHORITIES: Final = "/authorities"
CHOICE: Final = "FLOODGATE_DATABASE"
# What the build of MySQL's image says where Debian's sid does not answer, or has another line of MySQL.
NO_PACKAGES: Final = "no packages of MySQL 9.7"


def wanted() -> str:
    """Return the server that ``FLOODGATE_DATABASE`` names, MySQL if it names none. Raise ``EngineError``."""
    name = os.environ.get(CHOICE) or "mysql"
    if name not in SERVERS:
        raise EngineError(f"{CHOICE} is {name!r}; allowed: {', '.join(SERVERS)}.")
    return name


def build(image: Callable[[str], None], say: Callable[[str], None]) -> str:
    """Build the image of the server that is wanted by ``image``; return which server it is.

    Where MySQL's packages cannot be had it is MariaDB, and ``say`` is told so. Raise ``EngineError``.
    """
    server = wanted()
    try:
        image(server)
    except EngineError as error:
        if server != "mysql" or NO_PACKAGES not in f"{error}{error.log_tail}":
            raise
        server = "mariadb"
        say("Debian's sid gives no MySQL 9.7: MariaDB stands in for it, which differs from Aurora (docs/rehearsal.md)")
        image(server)
    return server
