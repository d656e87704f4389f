"""A file of JSON that a deployment, the clock and a person's commands all change, in turns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from containers.file_lock import file_lock
from rehearsal.values.replaced_file import write

T = TypeVar("T")


@contextmanager
def changing(file: Path, read: Callable[[], T], document: Callable[[T], object]) -> Iterator[T]:
    """Yield what ``read`` finds in a file, to be changed in place; what ``document`` makes of it is written.

    It is written at once, while no other process changes it: the lock beside the file is for that.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(file.with_suffix(".lock"), wait=True):
        found = read()
        yield found
        write(file, json.dumps(document(found), indent=1))
