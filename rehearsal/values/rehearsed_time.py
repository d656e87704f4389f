"""The time of the rehearsal: the machine's, or another one that somebody has set, and that may pass faster.

``clock.json`` of the rehearsal's folder says how it is set; without that file it is the machine's. Moments are seconds
since the epoch.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rehearsal.values.replaced_file import write
from rehearsal.values.time_zones import time_zone

# Metrics are sampled once a second at most, and data points are of a minute.
FASTEST = 60
_NAME = "clock.json"
_FORM = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:?\d\d)?(?: (\w+(?:/[\w+-]+)*))?", re.ASCII
)


@dataclass(frozen=True)
class Setting:
    """How the clock is set: at the machine's moment ``real`` it showed ``shown``; it is ``speed`` times as fast."""

    real: float
    shown: float
    speed: int = 1

    def at(self, real: float) -> float:
        """Return what the clock shows at a moment of the machine's."""
        return self.shown + (real - self.real) * self.speed


MACHINE = Setting(0.0, 0.0)


def setting(folder: Path) -> Setting:
    """Return how the clock of a rehearsal's folder is set."""
    try:
        return Setting(**json.loads((folder / _NAME).read_text()))
    except FileNotFoundError:
        return MACHINE


def now(folder: Path) -> float:
    """Return what the clock of a rehearsal's folder shows."""
    return setting(folder).at(time.time())


def put(folder: Path, shown: float | None, speed: int) -> Setting:
    """Set the clock to a moment; to the machine's time where that is None."""
    if shown is None and speed == 1:
        (folder / _NAME).unlink(missing_ok=True)
        return MACHINE
    real = time.time()
    made = Setting(real, real if shown is None else shown, speed)
    write(folder / _NAME, json.dumps(asdict(made)))
    return made


def moment(text: str, current: float) -> float:
    """Read a moment: a time of day (the next such one), or a date with a time; a time zone's name may follow.

    Without one, and without an offset, it is the machine's. Raise ``ValueError`` for what is none.
    """
    form = _FORM.fullmatch(text.strip())
    if not form or (form[3] and form[4]):
        raise ValueError(f"{text!r} is no moment: HH:MM, or YYYY-MM-DD HH:MM, a time zone's name after it")
    zone = time_zone(form[4]) if form[4] else None
    there = datetime.fromtimestamp(current, zone)
    local = datetime.fromisoformat(f"{form[1] or there.date()}T{form[2]}{form[3] or ''}")
    found = local if local.tzinfo else local.replace(tzinfo=zone)
    if not form[1] and found.timestamp() <= current:
        found += timedelta(days=1)
    return found.timestamp()


def in_words(at: float, zone: str | None = None) -> str:
    """Return a moment in words, in the machine's time zone or another one."""
    moment = datetime.fromtimestamp(at, ZoneInfo(zone)) if zone else datetime.fromtimestamp(at).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")
