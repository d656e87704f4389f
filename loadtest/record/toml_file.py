"""A file that people write in TOML: its text, and what it says, or one message that names the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from loadtest.record.exit_codes import BadInput


def text(path: Path, what: str) -> str:
    """The text of a file; `what` is what messages call it. Raises BadInput."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{what} {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} {path} is not UTF-8: {error.reason} at byte {error.start}") from error


def document(source: str, name: str) -> dict[str, Any]:
    """What a text says; `name` is what messages call it. Raises BadInput."""
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name} is not TOML: {error}") from error
