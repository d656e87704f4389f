"""Alarms whose actions are muted: ``mutes.json`` of the rehearsal's folder says until when, by its own clock."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from rehearsal.values.replaced_file import write


def mute(folder: Path, place: str, names: Iterable[str], until: float) -> None:
    """Mute alarms of an account and region (``ACCOUNT/REGION``) until a moment."""
    write(_file(folder), json.dumps(_read(folder) | {f"{place}/{name}": until for name in names}))


def is_muted(folder: Path, place: str, name: str, current: float) -> bool:
    """Return whether an alarm is muted at a moment."""
    return current < _read(folder).get(f"{place}/{name}", 0.0)


def _read(folder: Path) -> dict[str, float]:
    try:
        found: dict[str, float] = json.loads(_file(folder).read_text())
    except FileNotFoundError:
        return {}
    return found


def _file(folder: Path) -> Path:
    return folder / "mutes.json"
