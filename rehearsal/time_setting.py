"""The rehearsal's clock, set by hand: to another moment, or faster than the machine's."""

from __future__ import annotations

import time
from pathlib import Path

from rehearsal.fargate.desired.timetable import Timetable
from rehearsal.fargate.stand.clock_orders import fires
from rehearsal.progress import Progress
from rehearsal.values import rehearsed_time
from rehearsal.values.exits import DONE, Refused
from rehearsal.values.rehearsed_time import FASTEST, MACHINE, Setting, in_words

# Moments to come that are told.
_TOLD = 8


def set_clock(folder: Path, progress: Progress, at: str | None, speed: int | None) -> int:
    """Set the clock to a moment (``now`` is the machine's) or another speed, and say what comes; the exit code."""
    if at is not None or speed is not None:
        _set(folder, at, speed)
    progress.line(described(rehearsed_time.setting(folder)))
    current = rehearsed_time.now(folder)
    coming = []
    for name, expression, zone in fires(folder):
        moment = Timetable(expression, zone).next_after(current, current)
        if moment is not None:
            coming.append((moment, f"{name}: {expression} of {zone}"))
    for moment, name in sorted(coming)[:_TOLD]:
        progress.line(f"  {in_words(moment)}  {name}")
    return DONE


def described(setting: Setting) -> str:
    """Return how the clock is set, in words."""
    current = in_words(setting.at(time.time()))
    if setting == MACHINE:
        return f"the rehearsal's clock shows the machine's time, {current}"
    pace = f", {setting.speed} times as fast as the machine's" if setting.speed > 1 else ""
    return f"the rehearsal's clock shows {current}{pace}: `make clock AT=now` sets it to the machine's time"


def _set(folder: Path, at: str | None, speed: int | None) -> None:
    if speed is not None and not 1 <= speed <= FASTEST:
        raise Refused(f"SPEED={speed}: from 1 to {FASTEST}, so many times as fast as the machine's clock")
    if not (folder / "state.json").exists():
        raise Refused("nothing stands whose clock could be set: `make rehearse` deploys")
    before = rehearsed_time.setting(folder)
    current = before.at(time.time())
    if at == "now":
        rehearsed_time.put(folder, None, speed or 1)
        return
    try:
        moment = current if at is None else rehearsed_time.moment(at, current)
    except ValueError as error:
        raise Refused(f"AT: {error}") from None
    rehearsed_time.put(folder, moment, speed or before.speed)
