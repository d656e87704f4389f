"""What was made of files, as long as they are as they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")


class FileCache:
    """Keeps what was made of each file until the file changes: all tabs look at the same few, again and again."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, Any]] = {}

    def of(self, file: Path, read: Callable[[], _T]) -> _T:
        """Return what ``read`` makes of a file, which need not be there."""
        try:
            changed = file.stat().st_mtime_ns
        except FileNotFoundError:
            changed = 0
        if file not in self._known or self._known[file][0] != changed:
            self._known[file] = (changed, read())
        known: _T = self._known[file][1]
        return known
