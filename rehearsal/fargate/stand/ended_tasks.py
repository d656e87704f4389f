"""What became of services whose tasks ended by themselves: ``ended-tasks.json``, which ``make status`` shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal.fargate.stand import shared_file

_FILE = "ended-tasks.json"
# What is remembered of what was done.
_REMEMBERED = 50


@dataclass(frozen=True)
class Ended:
    """Tasks that a service lacked: when that was seen (in seconds since 1970), why they ended, and what came of it."""

    at: float
    service: str
    reason: str
    outcome: str


def kept(folder: Path, since: float = 0.0) -> list[Ended]:
    """Return what is known of all services, the oldest first, as the rehearsal's own ``folder`` has it."""
    try:
        found = [Ended(**each) for each in json.loads((folder / _FILE).read_text())]
    except FileNotFoundError:
        return []
    return [each for each in found if each.at >= since]


def changing(folder: Path) -> AbstractContextManager[list[Ended]]:
    """Give all of it, to be changed in place: written at once, while no other process changes it."""
    return shared_file.changing(
        folder / _FILE, lambda: kept(folder), lambda found: [asdict(each) for each in found[-_REMEMBERED:]]
    )


def in_words(found: Sequence[Ended]) -> str:
    """Say it in the line of what was done meanwhile; nothing where none ended."""
    return "; ".join(f"{each.reason}, {each.outcome}" for each in found)
