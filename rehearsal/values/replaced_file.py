"""A file that is replaced at once."""

from __future__ import annotations

import os
from pathlib import Path


def write(file: Path, text: str | bytes) -> None:
    """Replace ``file`` by ``text`` at once, readable by its owner alone: a killed run leaves the old or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text.encode() if isinstance(text, str) else text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
