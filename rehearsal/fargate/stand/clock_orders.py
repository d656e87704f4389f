"""What is ordered of a rehearsal's clock, and whether it keeps it: as files tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from containers.checkout import Context
from containers.file_lock import is_held


@dataclass(frozen=True)
class Ordered:
    """A schedule that a clock keeps: its resource, when it fires in words, and whether it is kept now."""

    resource: str
    name: str
    when: str
    lives: bool


def order(folder: Path) -> dict[str, Any]:
    """Return what is ordered for the stack of a folder; nothing where it is not any more."""
    try:
        return dict(json.loads((folder / "order").read_text()))
    except FileNotFoundError:
        return {}


def ordered(ctx: Context) -> Iterator[Ordered]:
    """Yield the schedules of this checkout."""
    for folder in folders(ctx):
        for each in order(folder).get("schedules", []):
            yield Ordered(each["resource"], each["name"], each["when"], lives(folder))


def fires(state: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what is ordered by a time of day, from the rehearsal's folder: its name, its expression, its time zone."""
    for folder in sorted((state / "clocks").glob("*/order")):
        for each in order(folder.parent).get("fires", []):
            yield each["name"], each["expression"], each["zone"]


def watched(ctx: Context) -> set[str]:
    """Return the resources of the alarms that are watched now."""
    return _kept(ctx, "alarms")


def scaled(ctx: Context) -> set[str]:
    """Return the services whose numbers of tasks are driven now."""
    return _kept(ctx, "scaled")


def kept_whole(ctx: Context) -> set[str]:
    """Return the services whose tasks are replaced now where they end."""
    return _kept(ctx, "services")


def _kept(ctx: Context, what: str) -> set[str]:
    return {each for folder in folders(ctx) if lives(folder) for each in order(folder).get(what, [])}


def faults(state: Path) -> list[str]:
    """Return what keeps the clock of a rehearsal's folder from its work, a sentence for each stack."""
    found = ((each.parent, _fault(each.parent)) for each in sorted((state / "clocks").glob("*/order")))
    return [f"the clock cannot keep {folder.name}, and tries again: {fault}" for folder, fault in found if fault]


def folders(ctx: Context) -> list[Path]:
    """Return where what is ordered lies."""
    return sorted(each.parent for each in (ctx.state / "clocks").glob("*/order"))


def _fault(folder: Path) -> str:
    try:
        return (folder / "fault").read_text()
    except FileNotFoundError:
        return ""


def lives(folder: Path) -> bool:
    """Return whether the clock keeps a stack now."""
    return is_held(folder / "lock") and not _fault(folder)
