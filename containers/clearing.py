"""Removing what a program has made in the engine, found by the label that it gave to all of it."""

from __future__ import annotations

import time

from containers.engine import Engine
from containers.errors import EngineError

# How long what refuses, or comes late, is looked for again, in seconds.
PATIENCE = 30.0
_POLL = 0.1
_KINDS = {
    "container": (("ps", "--all"), ("--force", "--volumes")),
    "volume": (("volume", "ls"), ("--force",)),
    "network": (("network", "ls"), ()),
    "image": (("images",), ("--force",)),
}


def clear(engine: Engine, label: str, *, images: bool) -> None:
    """Remove all containers, volumes and networks with ``label``, and its ``images`` too if told; raise EngineError.

    An interrupted program leaves containers that are going by themselves, and calls that the engine still carries out:
    what refuses, or comes late, is looked for again, up to ``PATIENCE`` seconds.
    """
    kinds = [kind for kind in _KINDS if images or kind != "image"]
    deadline = time.monotonic() + PATIENCE
    while reasons := [reason for kind in kinds if (reason := _removed(engine, kind, label)) is not None]:
        if time.monotonic() > deadline:
            raise EngineError(f"not all with the label {label} could be removed: {' '.join(reasons).strip()}")
        time.sleep(_POLL)


def _removed(engine: Engine, kind: str, label: str) -> str | None:
    """Remove what there is of a kind. Return what the engine said against it, or None where there was nothing."""
    listing, force = _KINDS[kind]
    found = list(dict.fromkeys(engine(*listing, "--quiet", "--filter", f"label={label}").split()))
    return engine.run(kind, "rm", *force, *found).stderr.strip() if found else None
