"""When a schedule fires: ``cron(…)``, ``rate(…)`` and ``at(…)`` as EventBridge and Application Auto Scaling have them.

A cron expression is one of local times of day. From "Schedule types in EventBridge Scheduler": a time that the clock
leaps over in spring is skipped, and one that it passes twice in autumn fires once, the first time.
Moments are seconds since the epoch.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from rehearsal.values.time_zones import time_zone

# Seconds of each unit of a rate.
UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {calendar.month_abbr[number].upper(): number for number in range(1, 13)}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}
_YEARS = range(1970, 2200)
# Days within which an expression that fires at all does so: 29 February comes every eight years where 2100 is passed.
_HORIZON = 8 * 366 + 1


@dataclass(frozen=True)
class Timetable:
    """A schedule's expression and its time zone; it fires within ``start`` and ``end`` only, where these are given."""

    expression: str
    zone: str = "UTC"
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        """Read all of it; what the service would refuse is a ``ValueError``."""
        time_zone(self.zone)
        if not (self.rate or self.once is not None or self._cron):
            raise ValueError(f"{self.expression!r} is no cron(…), rate(…) or at(…)")

    @cached_property
    def rate(self) -> int | None:
        """Seconds between two firings of a rate; None for any other expression."""
        form = re.fullmatch(r"rate\(([1-9][0-9]*) (minute|hour|day)s?\)", self.expression)
        return int(form[1]) * UNITS[form[2]] if form else None

    @cached_property
    def once(self) -> float | None:
        """The moment of an ``at(…)``; None for any other expression."""
        form = re.fullmatch(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)", self.expression, re.ASCII)
        return datetime.fromisoformat(form[1]).replace(tzinfo=ZoneInfo(self.zone)).timestamp() if form else None

    @property
    def _cron(self) -> _Cron | None:
        form = re.fullmatch(r"cron\((.*)\)", self.expression)
        return _cron(form[1]) if form else None

    def next_after(self, moment: float, since: float) -> float | None:
        """Return the first firing after a moment; ``since`` is when the schedule was made. None where none comes."""
        found = self._after(max(moment, self.start - 1 if self.start else moment), since)
        return found if found is not None and (self.end is None or found <= self.end) else None

    def last_until(self, moment: float, since: float) -> float | None:
        """Return the last firing after ``since``, when the schedule was made, and not after a moment."""
        until = min(moment, self.end) if self.end is not None else moment
        begun = max(since, self.start - 1 if self.start else since)
        if self.once is not None:
            return self.once if begun < self.once <= until else None
        if self.rate:
            first = self.start if self.start is not None else since
            return first + (until - first) // self.rate * self.rate if until >= first and until > since else None
        day, first_day = self._day(until), self._day(begun)
        while day >= first_day:
            for found in reversed(list(self._firings(day))):
                if begun < found <= until:
                    return found
            day -= timedelta(days=1)
        return None

    def _after(self, moment: float, since: float) -> float | None:
        if self.once is not None:
            return self.once if self.once > moment else None
        if self.rate:
            first = self.start if self.start is not None else since
            return first if moment < first else first + ((moment - first) // self.rate + 1) * self.rate
        day = self._day(moment)
        for _ in range(_HORIZON):
            for found in self._firings(day):
                if found > moment:
                    return found
            day += timedelta(days=1)
        return None

    def _day(self, moment: float) -> date:
        return datetime.fromtimestamp(moment, ZoneInfo(self.zone)).date()

    def _firings(self, day: date) -> Iterator[float]:
        """Yield the firings of a cron expression on a day, the earliest first."""
        cron = self._cron
        if cron is None or not cron.falls_on(day):
            return
        zone = ZoneInfo(self.zone)
        for hour in sorted(cron.hours):
            for minute in sorted(cron.minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                # One that the clock leaps over is read as one that it has; on Lord Howe Island it leaps half an hour.
                if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield local.timestamp()


@dataclass(frozen=True)
class _Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: Callable[[date], bool]
    months: frozenset[int]
    years: frozenset[int]

    def falls_on(self, day: date) -> bool:
        return day.month in self.months and day.year in self.years and self.days(day)


# Outside of the timetable, which goes from process to process: functions do not.
@cache
def _cron(text: str) -> _Cron:
    if not text.isascii():
        raise ValueError(f"cron({text}) has letters or digits of another script")
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(f"cron({text}) has {len(fields)} fields, and six are needed")
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise ValueError(f"cron({text}): one of the day of the month and the day of the week is ?")
    return _Cron(
        minutes=_values(minute, range(60)),
        hours=_values(hour, range(24)),
        days=_days_of_week(weekday) if day == "?" else _days_of_month(day),
        months=_values(month, range(1, 13), _MONTHS),
        years=_values(year, _YEARS),
    )


def _values(field: str, allowed: range, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """Return what a field of numbers, names, lists, ranges and steps stands for."""
    values: set[int] = set()
    for part in field.split(","):
        form = re.fullmatch(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>[1-9]\d*))?", part)
        if not form or (form["first"] == "*" and form["last"]):
            raise ValueError(f"{field!r} is no field of a cron expression")
        first = allowed[0] if form["first"] == "*" else _number(form["first"], allowed, names)
        open_end = form["first"] == "*" or form["step"]
        last = _number(form["last"], allowed, names) if form["last"] else allowed[-1] if open_end else first
        # A range of days or months may pass the end of the week or the year.
        whole = range(first, last + 1) if first <= last else [*range(first, allowed[-1] + 1), *allowed[:last]]
        values.update(list(whole)[:: int(form["step"] or 1)])
    return frozenset(values & set(allowed))


def _number(text: str, allowed: range, names: Mapping[str, int] | None) -> int:
    number = (names or {}).get(text.upper(), int(text) if text.isdecimal() else -1)
    if number not in allowed:
        raise ValueError(f"{text!r} is not from {allowed[0]} to {allowed[-1]}")
    return number


def _days_of_month(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: day.day == _length(day)
    if field == "LW":
        return lambda day: day == _nearest_weekday(day, _length(day))
    if form := re.fullmatch(r"(\d+)W", field):
        wanted = _number(form[1], range(1, 32), None)
        return lambda day: wanted <= _length(day) and day == _nearest_weekday(day, wanted)
    values = _values(field, range(1, 32))
    return lambda day: day.day in values


def _days_of_week(field: str) -> Callable[[date], bool]:
    if form := re.fullmatch(r"(\w+)#([1-5])", field):
        weekday, number = _number(form[1], range(1, 8), _WEEKDAYS), int(form[2])
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == number
    if form := re.fullmatch(r"(\w+)L", field):
        weekday = _number(form[1], range(1, 8), _WEEKDAYS)
        return lambda day: _weekday(day) == weekday and day.day + 7 > _length(day)
    values = frozenset({7}) if field == "L" else _values(field, range(1, 8), _WEEKDAYS)
    return lambda day: _weekday(day) in values


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> date:
    """Return the day from Monday to Friday that is nearest to a day of the same month, within that month."""
    found = day.replace(day=wanted)
    if _weekday(found) == 7:  # Saturday
        return found + timedelta(days=-1 if wanted > 1 else 2)
    if _weekday(found) == 1:  # Sunday
        return found + timedelta(days=1 if wanted < _length(day) else -2)
    return found
