"""When schedules fire: the six fields of cron, rates, single moments, and days on which the clock is moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rehearsal.fargate.desired.timetable import Timetable

BERLIN = "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"


def utc(text: str) -> float:
    """Return a moment of universal time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "zone", "after", "firing"),
    [
        pytest.param("cron(0 9 * * ? *)", "UTC", "2026-12-01 08:59", "2026-12-01 09:00", id="each day"),
        pytest.param("cron(0 9 * * ? *)", "UTC", "2026-12-01 09:00", "2026-12-02 09:00", id="not twice"),
        pytest.param("cron(0 9 * * ? *)", BERLIN, "2026-12-01 07:00", "2026-12-01 08:00", id="in winter"),
        pytest.param("cron(0 9 * * ? *)", BERLIN, "2026-07-01 06:00", "2026-07-01 07:00", id="in summer"),
        pytest.param("cron(30 2 * * ? *)", BERLIN, "2026-03-28 02:00", "2026-03-30 00:30", id="leapt over in spring"),
        pytest.param(
            "cron(15 2 * * ? *)", LORD_HOWE, "2026-10-03 00:00", "2026-10-04 15:15", id="leapt over by half an hour"
        ),
        pytest.param(
            "cron(30 2 * * ? *)", LORD_HOWE, "2026-10-03 00:00", "2026-10-03 15:30", id="just behind such a leap"
        ),
        pytest.param(
            "cron(45 1 * * ? *)", LORD_HOWE, "2026-04-04 00:00", "2026-04-04 14:45", id="twice within half an hour"
        ),
        pytest.param(
            "cron(45 1 * * ? *)", LORD_HOWE, "2026-04-04 14:45", "2026-04-05 15:15", id="not the second of the two"
        ),
        pytest.param("cron(30 2 * * ? *)", BERLIN, "2026-10-24 20:00", "2026-10-25 00:30", id="first in autumn"),
        pytest.param("cron(30 2 * * ? *)", BERLIN, "2026-10-25 00:30", "2026-10-26 01:30", id="once in autumn"),
        pytest.param("cron(0/20 8-9 ? * MON-FRI *)", "UTC", "2026-11-27 09:40", "2026-11-30 08:00", id="weekdays"),
        pytest.param("cron(0 0 ? * FRI-MON *)", "UTC", "2026-11-30 01:00", "2026-12-04 00:00", id="weekend"),
        pytest.param("cron(0 0 29 2 ? *)", "UTC", "2026-01-01 00:00", "2028-02-29 00:00", id="leap day"),
        pytest.param("cron(0 0 L * ? *)", "UTC", "2026-02-01 00:00", "2026-02-28 00:00", id="last day"),
        pytest.param("cron(0 0 1W * ? *)", "UTC", "2026-08-01 00:00", "2026-08-03 00:00", id="weekday nearest the 1st"),
        pytest.param("cron(0 0 LW * ? *)", "UTC", "2026-05-02 00:00", "2026-05-29 00:00", id="last weekday"),
        pytest.param("cron(0 0 ? * 6#3 *)", "UTC", "2026-11-01 00:00", "2026-11-20 00:00", id="third Friday"),
        pytest.param("cron(0 0 ? * 2L *)", "UTC", "2026-11-01 00:00", "2026-11-30 00:00", id="last Monday"),
        pytest.param("cron(0 10 1 DEC ? 2026,2030)", "UTC", "2026-12-02 00:00", "2030-12-01 10:00", id="years"),
        pytest.param("cron(0 10 1 DEC ? 2025)", "UTC", "2026-12-02 00:00", None, id="over"),
        pytest.param("at(2026-12-01T10:00:00)", BERLIN, "2026-12-01 08:59", "2026-12-01 09:00", id="once"),
        pytest.param("at(2026-12-01T10:00:00)", BERLIN, "2026-12-01 09:00", None, id="once, and over"),
        pytest.param("rate(1 day)", BERLIN, "2026-10-25 00:00", "2026-10-25 12:00", id="a day is 24 hours"),
        pytest.param("rate(5 minutes)", "UTC", "2026-10-24 12:04", "2026-10-24 12:05", id="minutes"),
    ],
)  # fmt: skip
def test_the_next_firing(expression: str, zone: str, after: str, firing: str | None) -> None:
    made = utc("2026-10-24 12:00")
    assert Timetable(expression, zone).next_after(utc(after), made) == (utc(firing) if firing else None)


@pytest.mark.parametrize(
    ("expression", "since", "until", "firing"),
    [
        pytest.param("cron(0 9 * * ? *)", "2026-11-01 10:00", "2026-12-01 07:59", "2026-11-30 08:00", id="cron"),
        pytest.param("cron(0 9 * * ? *)", "2026-11-30 08:30", "2026-12-01 07:59", None, id="not since it was made"),
        pytest.param("cron(30 2 * * ? *)", "2026-03-01 00:00", "2026-03-29 10:00", "2026-03-28 01:30", id="spring"),
        pytest.param("cron(30 2 * * ? *)", "2026-10-01 00:00", "2026-10-25 10:00", "2026-10-25 00:30", id="autumn"),
        pytest.param("at(2026-12-01T10:00:00)", "2026-11-01 00:00", "2026-12-01 09:00", "2026-12-01 09:00", id="once"),
        pytest.param("at(2026-12-01T10:00:00)", "2026-12-02 00:00", "2026-12-03 09:00", None, id="before it was made"),
        pytest.param("rate(1 hour)", "2026-12-01 00:00", "2026-12-01 02:30", "2026-12-01 02:00", id="rate"),
        pytest.param("cron(0 9 * * ? *)", "2026-12-03 00:00", "2026-12-02 00:00", None, id="a clock that was put back"),
    ],
)  # fmt: skip
def test_the_last_firing(expression: str, since: str, until: str, firing: str | None) -> None:
    found = Timetable(expression, BERLIN).last_until(utc(until), utc(since))
    assert found == (utc(firing) if firing else None)


def test_a_schedule_fires_from_its_start_to_its_end() -> None:
    start, end = utc("2026-12-02 08:00"), utc("2026-12-03 09:00")
    table = Timetable("cron(0 9 * * ? *)", BERLIN, start, end)
    first = table.next_after(utc("2026-11-01 00:00"), utc("2026-11-01 00:00"))
    assert first == start
    assert table.next_after(utc("2026-12-03 08:00"), utc("2026-11-01 00:00")) is None
    assert table.last_until(utc("2027-01-01 00:00"), utc("2026-11-01 00:00")) == utc("2026-12-03 08:00")


@pytest.mark.parametrize(
    ("expression", "zone", "fault"),
    [
        pytest.param("cron(0 9 * * *)", "UTC", "5 fields", id="fields"),
        pytest.param("cron(0 9 * * * *)", "UTC", "is ?", id="two kinds of day"),
        pytest.param("cron(60 9 * * ? *)", "UTC", "'60' is not from 0 to 59", id="minute"),
        pytest.param("cron(0 9 ? * NOON *)", "UTC", "'NOON' is not from 1 to 7", id="weekday"),
        pytest.param("cron(a-b-c 9 ? * 1 *)", "UTC", "no field", id="grammar"),
        pytest.param("rate(0 minutes)", "UTC", "is no cron", id="rate of nothing"),
        pytest.param("every day", "UTC", "is no cron", id="words"),
        pytest.param("cron(0 9 * * ? *)", "Europe/Floodgate", "no time zone", id="zone"),
        pytest.param("cron(0 9 * * ? *)", "right/Europe/Berlin", "no time zone", id="a zone with leap seconds"),
        pytest.param(
            "cron(0 \N{ARABIC-INDIC DIGIT NINE} * * ? *)", "UTC", "another script", id="a digit of another script"
        ),
        pytest.param("rate(\N{ARABIC-INDIC DIGIT NINE} hours)", "UTC", "is no cron", id="a rate in another script"),
        pytest.param("cron(0 9 * * ? *)", "localtime", "no time zone", id="this machine's own zone"),
    ],
)
def test_what_no_service_takes_is_told(expression: str, zone: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Timetable(expression, zone)
