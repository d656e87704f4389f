"""The alarm for a missed night, on years of nights: it rings for each one that is missed, and for nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from settings.night_schedule import LONGEST_GAP, longest_gap
from tests.templates.variants import FLEET, Changes, variant

HOUR = timedelta(hours=1)
LATE = timedelta(minutes=47)


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("cron(0 2 * * ? *)", 24),
        ("cron(0 2 ? * * *)", 24),
        ("cron(0 2 ? * MON-FRI *)", 72),
        ("cron(0 2 ? * 2-6 *)", 72),
        ("cron(30 1 ? * MON,THU *)", 96),
        ("cron(0 3 ? * SUN *)", 168),
        ("cron(0 2,14 * * ? *)", 12),
        ("cron(0 22,1 * * ? *)", 21),
        ("cron(0 */6 * * ? *)", 6),
        ("cron(15/20 3 * * ? *)", 24 - 40 / 60),
        ("rate(1 day)", 24),
        ("rate(90 minutes)", 1.5),
        ("cron(0 2 * * * *)", None),
        ("cron(0 2 ? * ? *)", None),
        ("cron(0 2 1 * ? *)", None),
        ("cron(0 2 ? 5 * *)", None),
        ("cron(0 2 * * ? 2027)", None),
        ("cron(0 2 L * ? *)", None),
        ("cron(0 2 ? * 2#1 *)", None),
        ("cron(0 2 ? * 6L *)", None),
        ("cron(0 25 * * ? *)", None),
        ("cron(? 2 * * ? *)", None),
        ("cron(0 ? * * ? *)", None),
        ("cron(0 2 ? * SAT-TUE *)", None),
    ],
)
def test_the_longest_time_between_two_nights(expression: str, hours: float | None) -> None:
    assert longest_gap(expression) == pytest.approx(hours) if hours else longest_gap(expression) is None


FIELDS = (
    "?",
    "*",
    "0",
    "5-3",
    "2-6",
    "*/6",
    "15/20",
    "59/7",
    "7,1",
    "60",
    "MON",
    "MON-FRI",
    "SAT-SUN",
    "L",
    "2#1",
    "1W",
    "",
)


def test_a_schedule_that_is_accepted_is_one_that_the_scheduler_takes() -> None:
    """Compare with the rehearsal's reading of AWS's rules, which shares nothing with the settings' own."""
    import re

    from rehearsal.fargate.desired.timetable import Timetable
    from settings.storm import SCHEDULE

    def is_taken(expression: str) -> bool:
        try:
            return Timetable(expression).next_after(0.0, 0.0) is not None
        except ValueError:
            return False

    crons = [
        f"cron({minute} {hour} {day} * {weekday} *)"
        for minute in FIELDS
        for hour in FIELDS
        for day, weekday in (("*", "?"), ("?", "*"), ("*", "*"), ("?", "?"), *(("?", each) for each in FIELDS))
    ]
    accepted = [each for each in crons if re.fullmatch(SCHEDULE, each) and longest_gap(each) is not None]
    assert len(accepted) > 100
    assert [each for each in accepted if not is_taken(each)] == []


@dataclass(frozen=True)
class Nights:
    """A schedule, and the same in words that the code under test does not read: days of the week, times of the day."""

    expression: str
    zone: str
    days: Sequence[int]
    times: Sequence[tuple[int, int]]

    def starts(self) -> list[datetime]:
        """Return all starts of 2027 and 2028, in UTC."""
        days = [date(2027, 1, 1) + timedelta(number) for number in range(731)]
        return [
            datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
            for day in days
            if day.weekday() in self.days
            for hour, minute in self.times
        ]


EACH_DAY = range(7)
SCHEDULES = [
    Nights("cron(0 3 * * ? *)", "Europe/Berlin", EACH_DAY, [(3, 0)]),
    Nights("cron(55 23 ? * MON-FRI *)", "America/New_York", range(5), [(23, 55)]),
    Nights("cron(30 1 ? * MON,THU *)", "Australia/Lord_Howe", [0, 3], [(1, 30)]),
    Nights("cron(10 0,12 * * ? *)", "Asia/Kolkata", EACH_DAY, [(0, 10), (12, 10)]),
    Nights("cron(0 4 ? * SUN,MON *)", "Europe/Berlin", [6, 0], [(4, 0)]),
]


def alarm(expression: str) -> dict[str, Any]:
    import aws_cdk as cdk
    from aws_cdk import assertions
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_sns as sns

    from pipeline.missed_night import MissedNight
    from stages.runbook import Runbook

    stack = cdk.Stack(cdk.App(), "Stack")
    gap = longest_gap(expression)
    assert gap is not None and gap <= LONGEST_GAP
    MissedNight(
        stack,
        "Missed",
        name="site",
        log_group=logs.LogGroup(stack, "Log"),
        gap=gap,
        late=cdk.Duration.minutes(int(LATE.total_seconds() / 60)),
        topic=sns.Topic(stack, "Topic"),
        runbook=Runbook("example/event-site", "main"),
    )
    [found] = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def rings(properties: dict[str, Any], ends: Sequence[datetime], grid: timedelta) -> Iterator[datetime]:
    """Yield when the alarm goes off: so many whole periods on end without a night; a missing figure counts as none."""
    assert (properties["TreatMissingData"], properties["Threshold"]) == ("breaching", 1)
    assert properties["ComparisonOperator"] == "LessThanThreshold"
    period, needed = timedelta(seconds=properties["Period"]), properties["DatapointsToAlarm"]
    begin = ends[0].replace(minute=0, second=0, microsecond=0) + grid
    kept = {(end - begin) // period for end in ends}
    empty = 0
    for number in range(max(kept) + 1):
        empty = 0 if number in kept else empty + 1
        if empty == needed:
            yield begin + (number + 1) * period


@pytest.mark.parametrize("grid", [timedelta(), timedelta(minutes=-31)], ids=["on the hour", "beside it"])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda each: each.expression)
def test_two_years_of_nights_ring_only_for_the_one_that_was_missed(schedule: Nights, grid: timedelta) -> None:
    rng = random.Random(7)
    starts = schedule.starts()
    ends = [start + timedelta(minutes=2) + rng.random() * (LATE - timedelta(minutes=2)) for start in starts]
    properties = alarm(schedule.expression)
    assert properties["Period"] * properties["EvaluationPeriods"] <= 7 * 86400, "more, CloudWatch does not take"
    assert list(rings(properties, ends, grid)) == []
    # The night that comes soonest after another would be the least missed: so one after the longest pause is left out.
    missed = max(range(1, len(starts) - 1), key=lambda place: starts[place] - starts[place - 1])
    [heard] = rings(properties, ends[:missed] + ends[missed + 1 :], grid)
    assert starts[missed] < heard < min(starts[missed] + 6 * HOUR, starts[missed + 1])


@pytest.mark.parametrize(
    ("change", "dropped"),
    [({}, "cron(52 4 * * ? *)"), (FLEET, "cron(57 4 * * ? *)"), ({"storm": {"open": 340}}, "cron(57 4 * * ? *)")],
    ids=["a build alone", "a fleet has to start", "a longer storm"],
)
def test_a_larger_site_stands_until_the_longest_night_is_over(change: Changes, dropped: str) -> None:
    """Half an hour in which it may start, a quarter to install and judge, the storm, and five minutes to spare."""
    window = variant({"storm": {"nightly": "cron(0 4 * * ? *)"}}, change).storm.window
    assert window is not None
    assert window.dropped == dropped
