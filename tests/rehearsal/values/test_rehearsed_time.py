"""The rehearsal's clock: how a moment is written, what it shows, how fast it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rehearsal.values import rehearsed_time
from rehearsal.values.rehearsed_time import MACHINE, Setting

BERLIN = "Europe/Berlin"


def utc(text: str) -> float:
    """Return a moment of universal time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine be in New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-12-01 09:55 Europe/Berlin", "2026-12-01 08:55", id="a zone"),
        pytest.param("2026-12-01T09:55:30 UTC", "2026-12-01 09:55:30", id="seconds"),
        pytest.param("2026-12-01 09:55+01:00", "2026-12-01 08:55", id="an offset"),
        pytest.param("2026-12-01T09:55Z", "2026-12-01 09:55", id="universal time"),
        pytest.param("2026-12-01 09:55", "2026-12-01 14:55", id="the machine's zone"),
        pytest.param("10:00 Europe/Berlin", "2026-11-30 09:00", id="today there"),
        pytest.param("09:00 Europe/Berlin", "2026-12-01 08:00", id="tomorrow there"),
        pytest.param("10:00", "2026-11-30 15:00", id="today here"),
        pytest.param("03:00", "2026-12-01 08:00", id="tomorrow here"),
    ],
)
def test_a_moment_is_read(text: str, moment: str) -> None:
    assert rehearsed_time.moment(text, utc("2026-11-30 08:30")) == utc(moment)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("soon", id="a word"),
        pytest.param("25:00", id="hour 25"),
        pytest.param("2026-13-01 10:00", id="month 13"),
        pytest.param("10:00 Europe/Floodgate", id="an unknown zone"),
        pytest.param("10:00 localtime", id="this machine's own zone"),
        pytest.param("10:00 right/Europe/Berlin", id="a zone with leap seconds"),
        pytest.param("\N{DEVANAGARI DIGIT ONE}0:00", id="another script's digits"),
        pytest.param("10:00Z Europe/Berlin", id="two zones"),
    ],
)
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"moment|time zone|hour|month"):
        rehearsed_time.moment(text, utc("2026-11-30 08:30"))


def test_a_clock_that_nobody_set_is_the_machines(tmp_path: Path) -> None:
    assert rehearsed_time.setting(tmp_path) == MACHINE
    assert MACHINE.at(1234.5) == 1234.5


def test_a_clock_goes_on_from_where_it_was_set(tmp_path: Path) -> None:
    assert Setting(100.0, 5000.0, 60).at(101.5) == 5090.0
    rehearsed_time.put(tmp_path, 5000.0, 1)
    assert 5000.0 <= rehearsed_time.now(tmp_path) < 5060.0
    assert rehearsed_time.put(tmp_path, None, 1) == MACHINE
    assert list(tmp_path.iterdir()) == []
