"""The versions of Debian's packages that images are built from, written down from a build of the newest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from supply_chain import images

LOCK = Path("src/core/packages.lock")
# The lines of WordPress that settings.toml may name.
LINES = ("6.8", "7.1")
# What is built: the context, the Dockerfile, and the stage. Without a context, the stage takes the lock's folder alone.
BUILT = (
    ("src", "src/nginx/Dockerfile", "static"),
    ("src", "src/nginx/Dockerfile", ""),
    ("src", "src/wordpress/Dockerfile", ""),
    ("", "loadtest/Dockerfile", "builder"),
    ("", "loadtest/Dockerfile", "runtime"),
)
_SECONDS = 1800
_HEAD = """\
# The versions of Debian's packages in the site's images and in the storm workers': name, version, and the line of
# WordPress where they are one line's alone. `make packages` writes it, from what Debian has that day; a version that
# the mirrors no longer have comes from snapshot.debian.org as of this moment:
"""


def newest(root: Path, line: str, client: Sequence[str], say: Callable[[str], None]) -> dict[str, str]:
    """Build the images from what Debian has now, and return the version of each package by its name.

    Raise ``Unreadable`` where the engine does not build, and ``BadInput`` where an image is not Debian's.
    """
    versions: dict[str, str] = {}
    # Another value builds anew what an earlier one has left in the engine's cache.
    fresh = f"PINS=newest-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    with tempfile.TemporaryDirectory() as folder:
        # All of the repository that these stages of the workers' image take. An engine without BuildKit does not read a
        # Dockerfile's own list of what to leave out: it would be sent the tools as well.
        shutil.copytree(root / LOCK.parent, Path(folder) / LOCK.parent)
        for context, dockerfile, stage in BUILT:
            name = Path(dockerfile).parent.name
            say(f"WordPress {line}: building {name}{f' ({stage})' if stage else ''} from what Debian has now")
            arguments = ("--build-arg", fresh, *(("--build-arg", f"WORDPRESS={line}") if context else ()))
            target = ("--target", stage) if stage else ()
            place = (str(root / dockerfile), str(root / context if context else folder))
            image = images.run(
                [*client, "build", "--quiet", *arguments, *target, "--file", *place], seconds=_SECONDS
            ).strip()
            versions |= {each.name: each.version for each in images.contents(name, image, client=client).packages}
    return versions


def text(moment: datetime, lines: Mapping[str, Mapping[str, str]]) -> str:
    """Return the lock: what all lines of WordPress share once, what differs with its line behind it."""
    rows = []
    for name in sorted({name for versions in lines.values() for name in versions}):
        found = {line: versions[name] for line, versions in lines.items() if name in versions}
        alike = len(found) == len(lines) and len(set(found.values())) == 1
        rows += [f"{name} {next(iter(found.values()))}"] if alike else [f"{name} {v} {k}" for k, v in found.items()]
    return f"{_HEAD}# snapshot {moment:%Y%m%dT%H%M%SZ}\n" + "".join(f"{row}\n" for row in rows)


def read(lock: str) -> dict[tuple[str, str], str]:
    """Return the version of each package by its name and its line of WordPress; empty: every line."""
    rows = [row.split() for row in lock.splitlines() if row and not row.startswith("#")]
    return {(row[0], row[2] if len(row) > 2 else ""): row[1] for row in rows}


def changes(before: str, after: str) -> list[str]:
    """Return what another lock changes, a line for each package."""
    old, new = read(before), read(after)
    return [
        f"{name}{f' (WordPress {line})' if line else ''}: {old.get((name, line), 'none')} -> "
        f"{new.get((name, line), 'none')}"
        for name, line in sorted(old.keys() | new.keys())
        if old.get((name, line)) != new.get((name, line))
    ]
