"""When RDS may maintain a database: far from openings, storms and backups."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rehearsal.values import database_rules
from settings.maintenance import BACKUP, window


@pytest.mark.parametrize(
    ("opens_at", "nightly", "expected"),
    [
        pytest.param("2027-01-15T18:00:00+01:00", "", "tue:05:00-tue:05:30", id="half a week from a Friday evening"),
        pytest.param("2027-01-15T10:30:00+01:00", "", "mon:21:00-mon:21:30", id="half a week from a Friday morning"),
        pytest.param(
            "2027-01-15T18:00:00+01:00", "cron(0 4 * * ? *)", "tue:11:00-tue:11:30", id="not around the night's storm"
        ),
        pytest.param("2027-01-15T18:00:00+01:00", "rate(1 day)", "tue:05:00-tue:05:30", id="a storm without an hour"),
        pytest.param("2027-01-15T14:00:00+01:00", "", "tue:07:00-tue:07:30", id="not while backups are made"),
        pytest.param("2027-01-17T23:59:00-05:00", "", "thu:16:00-thu:16:30", id="another zone's Sunday"),
    ],
)
def test_the_window_is_far_from_what_matters(opens_at: str, nightly: str, expected: str) -> None:
    assert window(datetime.fromisoformat(opens_at), nightly, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    "nightly", ["", *(f"cron(0 {hour} * * ? *)" for hour in range(24))], ids=lambda each: each or "no storm"
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_no_maintenance_is_at_the_time_of_backups(nightly: str, zone: str) -> None:
    for hour in range(24):
        chosen = window(datetime(2027, 1, 15, hour, tzinfo=UTC), nightly, zone)
        both = {"PreferredBackupWindow": BACKUP, "PreferredMaintenanceWindow": chosen}
        assert not list(database_rules.windows(both)), f"{hour} o'clock"
