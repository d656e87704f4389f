"""A file is written whole or not at all: on a full disk, or when the process ends, what was there before stays."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write a file. Raise OSError; then it is as it was."""
    write_all({path: text})


def write_all(texts: Mapping[Path, str]) -> None:
    """Write several files, the last of them last; where one does not fit, all stay as they were. Raise OSError."""
    parts: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            if path.exists() and not path.is_file():  # a terminal, a pipe: nothing stands there that could be kept
                path.write_text(text, encoding="utf-8")
                continue
            # Of two machines that share a folder, processes may have the same number.
            parts[path] = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
            with parts[path].open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())  # some file systems say only now that there is no room
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
