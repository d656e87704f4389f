"""What all processes are started with that a storm starts on this machine, and how the end of one is told."""

from __future__ import annotations

import os
from pathlib import Path


def environment() -> dict[str, str]:
    """Return this process's environment with the package on Python's path, and nothing that is meant for the storm."""
    package = Path(__file__).resolve().parents[2]
    found = {name: value for name, value in os.environ.items() if not name.startswith("STORM_")}
    paths = (str(package), found.get("PYTHONPATH", ""))
    return {**found, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def ended(code: int) -> str:
    """Return how a process ended, in words: ``was killed by signal 9``."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
