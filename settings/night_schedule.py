"""When a schedule fires, as far as the templates must know it: how far nights are apart, and what is around one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_HOURS_OF_UNIT = {"minute": 1 / 60, "hour": 1, "day": 24}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WEEK = 7 * 24 * 60

# An alarm looks back over seven days at most (CloudWatch, PutMetricAlarm), and needs a few hours beyond the gap.
LONGEST_GAP = 6 * 24

# Minutes. A storm that comes hours late would meet people instead of an empty night.
START_WITHIN = 30
# Of them, those in which the build may wait in CodeBuild's queue, behind others of the account; unasked it is 8 hours.
QUEUED = 15
# To install, judge and publish, beside the phases; and for a fleet's tasks to start, an image new to Fargate included.
BUILD = 15
FLEET = 5
WHOLE = 5  # as long as loadtest/generator/task_killer.py waits
# For tasks to come and a database to wake, before the storm; for a build that is late, after it.
LEAD = 15
SPARE = 5
# CodeBuild gives no build more (CreateProject, timeoutInMinutes).
LONGEST_BUILD = 36 * 60
_DAY = 24 * 60


def longest_gap(expression: str) -> float | None:
    """Return the hours from one night to the next, at most, without the hour that a clock may be put back.

    For a cron(...) or rate(...) as EventBridge Scheduler has them; None for one that does not repeat itself each week,
    such as one by days of the month.
    """
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return int(rate[1]) * _HOURS_OF_UNIT[rate[2]]
    minute, hour, day, month, weekday, year = expression.removeprefix("cron(").removesuffix(")").split()
    # One of the two is ?, and says that the other one counts.
    each_week = weekday != "?" if day == "?" else (day, weekday) == ("*", "?")
    if not each_week or {month, year} != {"*"}:
        return None
    if "?" in minute + hour:
        return None
    minutes, hours = _values(minute, range(60)), _values(hour, range(24))
    days = _values(_numbered(weekday), range(1, 8))
    if not (minutes and hours and days):
        return None
    times = sorted(((each - 1) * 24 + at) * 60 + past for each in days for at in hours for past in minutes)
    return max(after - before for before, after in pairwise([*times, times[0] + _WEEK])) / 60


@dataclass(frozen=True)
class Window:
    """The schedules of what surrounds a night: raise the site before it, drop it after it, open its bounds again."""

    raised: str
    dropped: str
    opened: str


def build_minutes(storm_seconds: int, *, storms: int, by_fleet: bool, until_whole: bool) -> int:
    """Return how long a build with so many storms may take, in whole minutes, as CodeBuild has it.

    ``until_whole``: each storm waits until the service has a task again in the place of one that it stopped.
    """
    around = (FLEET if by_fleet else 0) + (WHOLE if until_whole else 0)
    return BUILD + around * storms + math.ceil(storms * storm_seconds / 60)


def window(expression: str, minutes: int) -> Window | None:
    """Return what surrounds the one build of a night, of so many minutes, however late it starts.

    None where the schedule has another form than ``cron(minute hour …)`` with plain numbers, or the window crosses
    midnight and so its days.
    """
    form = re.fullmatch(r"cron\((\d+) (\d+) (.*)\)", expression)
    if not form:
        return None
    start = int(form[2]) * 60 + int(form[1])
    end = start + START_WITHIN + minutes + SPARE
    if start < LEAD or end + SPARE >= _DAY:
        return None
    at = [f"cron({minute % 60} {minute // 60} {form[3]})" for minute in (start - LEAD, end, end + SPARE)]
    return Window(*at)


def _numbered(weekdays: str) -> str:
    for number, name in enumerate(_DAYS, start=1):
        weekdays = weekdays.replace(name, str(number))
    return weekdays


def _values(field: str, allowed: range) -> set[int]:
    """Return what a field of numbers, lists, ranges and steps stands for; nothing where it is something else."""
    values: set[int] = set()
    for part in field.split(","):
        found = set(_part(part, allowed))
        if not found or not found <= set(allowed):
            return set()
        values |= found
    return values


def _part(part: str, allowed: range) -> Iterator[int]:
    form = re.fullmatch(r"(?:[*?]|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>[1-9]\d*))?", part)
    if not form:
        return
    step = int(form["step"] or 1)
    if form["first"] is None:
        yield from range(allowed.start, allowed.stop, step)
    elif form["last"]:
        yield from range(int(form["first"]), int(form["last"]) + 1, step)
    elif form["step"]:
        yield from range(int(form["first"]), allowed.stop, step)
    else:
        yield int(form["first"])
