"""When RDS may maintain a database by itself: far from an opening of the week, and from the night's storm."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = timedelta(minutes=30)  # RDS: at least so long
# Hours after the middle between two openings on the same day of the week, tried in this order.
_SHIFTS = (0, 6, -6, 3, -3)
_AROUND = 2  # hours before and after a storm that are its
# When RDS makes its own backup, each day: where nothing is said it draws lots among eight hours of the night, and
# refuses a cluster whose two windows have a minute in common.
BACKUP = "00:00-00:30"
# The plan's backup begins at one in the morning of UTC, and may take its time.
_BACKUP = {0, 1, 2}


def window(opens_at: datetime, nightly: str, time_zone: str) -> str:
    """Return the half-hour of UTC for RDS, such as ``tue:05:00-tue:05:30``.

    ``opens_at`` is the opening of the stage's course; ``nightly`` the schedule of its storms in ``time_zone``, empty
    where it has none. A schedule without a fixed hour leaves all hours to choose from.
    """
    busy = _BACKUP | _hours(nightly, time_zone)
    middle = opens_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3, hours=12)
    moments = [middle + timedelta(hours=shift) for shift in _SHIFTS]
    begin = next((moment for moment in moments if moment.hour not in busy), middle)
    return "-".join(f"{_DAYS[at.weekday()]}:{at:%H:%M}" for at in (begin, begin + _LONG))


def _hours(nightly: str, time_zone: str) -> set[int]:
    """Return the hours of UTC, in summer and in winter, that a schedule's storms may touch."""
    form = re.match(r"cron\(\d+ (\d+) ", nightly)
    if not form:
        return set()
    offsets = {datetime(2027, month, 1, tzinfo=ZoneInfo(time_zone)).utcoffset() for month in (1, 7)}
    starts = [(int(form[1]) - round((offset or timedelta()).total_seconds() / 3600)) % 24 for offset in offsets]
    return {(start + around) % 24 for start in starts for around in range(-_AROUND, _AROUND + 1)}
