"""All that a synthesis depends on beside the settings that it is given, and a fingerprint of it.

Imports nothing of what it takes the fingerprint of: whoever is imported later is of the contents that were seen here.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

# What the app reads and imports, and what the images are built from. That a synthesis needs nothing else of the
# repository is seen where nothing else is (tests/app/test_app.py).
READ: Final = (
    *("app.py", "buildspec.yml", "cdk.json", "settings", "pipeline", "stages", "src", "terminal"),
    *("loadtest/Dockerfile", "loadtest/Dockerfile.dockerignore", "loadtest/buildspec.yml", "loadtest/__init__.py"),
    *("loadtest/limits.toml", "loadtest/people.toml"),
    *("loadtest/record", "loadtest/crowd", "loadtest/request", "loadtest/generator", "loadtest/gate"),
    "requirements/worker.txt",
)
# Not read, but what is installed follows from them, and how a test synthesizes from the last.
DECIDES: Final = ("requirements/all.txt", "tests/templates/inputs.py", "tests/templates/synthesis.py")
# What an environment may say to the CDK, to jsii and to Node.
SPOKEN_TO: Final = ("CDK_", "JSII_", "NODE_", "CODEBUILD_")

# Whether a fingerprint is being taken: it reads what tests may not (tests/levels.py).
TAKING: Final = ContextVar("TAKING", default=False)


def fingerprint(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> str:
    """Return what stands for all that a synthesis depends on: 64 hexadecimal digits.

    The day is part of it: what a library of the CDK's may ask the calendar is asked anew each day.
    """
    whole = sha256()
    taking = TAKING.set(True)
    try:
        for part in _parts(root, environment):
            whole.update(sha256(part).digest())
    finally:
        TAKING.reset(taking)
    return whole.hexdigest()


def _parts(root: Path, environment: Mapping[str, str]) -> Iterator[bytes]:
    yield f"{datetime.now(UTC):%Y-%m-%d}".encode()
    yield sys.version.encode()
    yield os.fsencode(root)
    yield "\0".join(f"{n}={v}" for n, v in sorted(environment.items()) if n.startswith(SPOKEN_TO)).encode()
    yield _node(environment)
    for place in filter(os.path.isdir, sys.path):
        yield "\0".join(sorted(installed.name for installed in Path(place).glob("*.dist-info"))).encode()
    for name in (*READ, *DECIDES):
        for path in _files(root / name):
            yield os.fsencode(path.relative_to(root))
            if path.is_symlink():
                yield b"link " + os.fsencode(path.readlink())
            else:
                yield f"{path.stat().st_mode:o}".encode()
                yield path.read_bytes()


def _node(environment: Mapping[str, str]) -> bytes:
    """Return which Node it is that runs the CDK."""
    found = shutil.which(environment.get("JSII_NODE", "node"), path=environment.get("PATH"))
    if found is None:
        return b"none"
    file = Path(found).resolve()
    return f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}".encode()


def _files(path: Path) -> Iterator[Path]:
    if path.is_symlink() or path.is_file():
        yield path
        return
    for folder, below, names in os.walk(path):
        links = [name for name in below if Path(folder, name).is_symlink()]
        below[:] = sorted(set(below) - {*links, "__pycache__"})
        yield from (Path(folder, name) for name in sorted([*names, *links]))


# Taken before anything is imported that it is of.
AT_START: Final = fingerprint()
