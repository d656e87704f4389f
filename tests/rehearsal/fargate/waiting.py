"""Waiting for what containers and processes do in their own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

WITHIN: Final = 90.0  # seconds; a tenth is enough on a quiet machine


def eventually(holds: Callable[[], bool], what: str, within: float = WITHIN) -> None:
    """Poll until something holds, for so many seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)
