"""What follows an edit of a file of ``src/``: decided from where the images have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final

from preview.mounts import Mount
from preview.site import CONFIGURATION

_PROGRAMS: Final = PurePosixPath("/usr/local/bin")
_INSTALL: Final = PurePosixPath("/var/www/wordpress/install")


class Step(Enum):
    """What is to be done, in the order in which it is done; the value is what the terminal says then."""

    INSTALL = "installed again"
    RESTART_PHP = "php-fpm started anew"
    RESTART_NGINX = "nginx started anew"
    CONFIGURE = "nginx checked and reloaded"
    RELOAD = "served from now on"
    NOTHING = "run from now on"
    LATER = "part of an image's build: seen after the next `make site`"


def steps(path: PurePosixPath, mounts: Mapping[str, Iterable[Mount]], source: Path) -> set[Step]:
    """Return what an edit of ``path``, relative to ``source``, asks for; empty for what no image has.

    A mounted folder shows what is in it now. A mounted file is the one that stood there at the start: an editor that
    writes a new one and renames it is not seen before the container mounts it again.
    """
    found = set()
    for name, several in mounts.items():
        for mount in several:
            inside = mount.inside(path)
            if inside is None:
                continue
            if name == "nginx":
                found.add(_of_nginx(mount, inside))
            elif mount.destination == _INSTALL:
                found.add(Step.INSTALL)
            elif mount.destination == _PROGRAMS or (source / mount.source).is_file() or inside == mount.destination:
                found.add(Step.RESTART_PHP)
            else:
                found.add(Step.NOTHING)
    if not found and (path.name == "Dockerfile" or path.parts[0] == "core"):
        found.add(Step.LATER)
    return found


def _of_nginx(mount: Mount, inside: PurePosixPath) -> Step:
    if mount.destination == CONFIGURATION:
        return Step.CONFIGURE
    if inside.is_relative_to(_PROGRAMS):
        return Step.RESTART_NGINX
    # What nginx never serves needs no reload.
    return Step.NOTHING if inside.suffix == ".php" else Step.RELOAD
