"""Runs a module as ``python -m`` does where only a lock's packages are installed: ``with_lock.py LOCK MODULE …``."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType


def _name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


class Absent(MetaPathFinder):
    """Finds nothing, and says so of each module that comes from a package outside the lock."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock
        self._locked = {_name(found) for found in re.findall(r"(?m)^([\w.-]+)(?:\[[^\]]*\])?==", lock.read_text())}
        self._owners = packages_distributions()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Raise ModuleNotFoundError for a module that the lock does not bring."""
        owners = [] if path is not None else self._owners.get(fullname, [])
        if owners and not self._locked.intersection(map(_name, owners)):
            raise ModuleNotFoundError(f"No module named {fullname!r}: {self._lock.name} has no {owners[0]}")


if __name__ == "__main__":
    _, lock, module, *arguments = sys.argv
    sys.meta_path.insert(0, Absent(Path(lock)))
    sys.argv = [module, *arguments]
    sys.path[0] = str(Path(__file__).parents[2])
    runpy.run_module(module, run_name="__main__", alter_sys=True)
