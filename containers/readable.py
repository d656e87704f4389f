"""What only its owner may read, of a checkout that was made under a umask such as 077: containers run as other users.

Git keeps of a file's mode only who may execute it; the rest is the umask's of whoever cloned.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOOK = 0o005  # into a folder
_READ = 0o004


def closed(*places: Path) -> Iterator[Path]:
    """Yield the files that others than their owner may not read, and the folders that they may not look into."""
    for place in places:
        if not _is_open(place):
            yield place
        for folder, folders, files in os.walk(place):
            for name in folders + files:
                if not _is_open(path := Path(folder, name)):
                    yield path


@contextmanager
def context(folder: Path) -> Iterator[Path]:
    """Yield a folder from which an image can be built: itself, or where others may not read all of it, a copy.

    An image gets the modes of what it is built from.
    """
    if next(closed(folder), None) is None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="floodgate-context-") as made:
        copy = Path(made, folder.name)
        shutil.copytree(folder, copy, symlinks=True)
        for path in [copy, *closed(copy)]:
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))
        yield copy


def _is_open(path: Path) -> bool:
    if path.is_symlink():
        return True
    wanted = _LOOK if path.is_dir() else _READ
    return path.stat().st_mode & wanted == wanted
