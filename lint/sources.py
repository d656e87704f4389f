"""The files to read: those of the checkout, with git or without, by what they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path


def files(root: Path) -> Iterator[Path]:
    """Yield every file below ``root`` that git would not ignore, as a path from there, in order.

    By ``.gitignore``'s plain names: a build's source comes as a zip file, without git.
    """
    patterns = [line for line in (root / ".gitignore").read_text().split() if not line.startswith("#")]
    everywhere = [".git", *(pattern.rstrip("/") for pattern in patterns if not pattern.startswith("/"))]
    at_the_top = [pattern.strip("/") for pattern in patterns if pattern.startswith("/")]
    for folder, below, names in os.walk(root):
        ignored = everywhere + (at_the_top if Path(folder) == root else [])
        below[:] = sorted(name for name in below if not any(fnmatch(name, pattern) for pattern in ignored))
        for name in sorted(names):
            if not any(fnmatch(name, pattern) for pattern in ignored):
                yield Path(folder, name).relative_to(root)


def program(path: Path) -> str:
    """Return the program that a file's first line names (``sh``, ``php``); nothing when it names none."""
    with path.open("rb") as file:
        first = file.readline(200)
    return first.split()[-1].rsplit(b"/", 1)[-1].decode(errors="replace") if first.startswith(b"#!") else ""


def of_kind(root: Path, suffixes: tuple[str, ...], programs: tuple[str, ...] = (), file_name: str = "") -> list[str]:
    """Return the files with one of these endings, a first line that names one of these programs, or this name."""
    return [
        path.as_posix()
        for path in files(root)
        if path.suffix in suffixes
        or (file_name and path.name == file_name)
        or (programs and not path.suffix and program(root / path) in programs)
    ]
