"""A storm mutes alarms in the emulated AWS, and who is told of an alarm that was muted, when the time is over."""

from __future__ import annotations

import argparse
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loadtest.generator.muting import AFTERWARDS, mute
from loadtest.request import options
from rehearsal.fargate.stand import alarm_mutes

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

PLACE = "222222222222/eu-central-1"
NOW = datetime.now(UTC)
ASKED_FOR = ["--host", "http://localhost:1", "--token", "t", "--region", "eu-central-1"]


def storm(muted: str) -> options.Options:
    """Return the options of a storm that mutes so much."""
    parser = argparse.ArgumentParser()
    options.add_arguments(parser)
    return options.collect(parser.parse_args([*ASKED_FOR, "--mute", muted]), {})


@pytest.fixture
def muting(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The rehearsal's folder, and this process as a build that may act in dev's account."""
    from rehearsal.aws import mute_rules

    mute_rules.install(tmp_path)
    for name, value in cloud.credentials("arn:aws:iam::222222222222:role/storm", "eu-central-1").items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_a_storm_mutes_what_it_names_for_as_long_as_it_lasts(muting: Path) -> None:
    chosen = storm("dev-storm dev-slow dev-waiting")
    sentence = mute(chosen, NOW)
    assert sentence.startswith("its alarms dev-slow, dev-waiting are muted until ")
    seconds = chosen.phases.end - chosen.phases.start + AFTERWARDS
    latest = NOW.timestamp() + math.ceil(seconds / 60) * 60 + 60
    for alarm in ("dev-slow", "dev-waiting"):
        assert alarm_mutes.is_muted(muting, PLACE, alarm, NOW.timestamp() + seconds)
        assert not alarm_mutes.is_muted(muting, PLACE, alarm, latest + 1)
    assert not alarm_mutes.is_muted(muting, PLACE, "dev-gone", NOW.timestamp())
    assert not alarm_mutes.is_muted(muting, "333333333333/eu-central-1", "dev-slow", NOW.timestamp())


def test_a_storm_that_may_not_mute_says_so_and_goes_on(muting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9")
    chosen = storm("dev-storm dev-slow")
    assert mute(chosen, NOW).startswith("its alarms are not muted, and may ring for this storm: ")
    assert not alarm_mutes.is_muted(muting, PLACE, "dev-slow", NOW.timestamp())
