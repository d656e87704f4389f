"""What the load test's tests share: a record of a good storm, the stand-in site, and the real command."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from loadtest.history.series import Series
from loadtest.record.measurements import Measurements
from loadtest.record.phases import NAMES
from loadtest.record.real_browsers import Browsers
from loadtest.record.record import Claim, Course, Ledger, LedgerRow, Parameters, Record, Worker

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "stand-in-token"
COUNTS = {"people": 40, "wants": 60, "attempts": 60, "requests": 60}


def good_record() -> Record:
    """Return 40 people for 10 seats: 12 submit, 10 are confirmed, and every figure is well within the limits."""
    measured = Measurements()
    for place, name in enumerate(NAMES):
        tally = measured.phase(name)
        tally.counts.update(COUNTS)
        for second in range(place * 10 - 20, place * 10 - 10):
            measured.second(second).duration("wait").add(0.1)
            measured.second(second).counts["attempts"] = 6
        for duration in ("wait", "claim", "page", "lag", "read-lag"):
            for _ in range(60):
                tally.duration(duration).add(0.001 if duration.endswith("lag") else 0.1)
    measured.phase(NAMES[0]).counts["people-in-all"] = 40
    measured.phase("opening").counts.update(
        {"came": 40, "served": 38, "left-in-form": 2, "submits": 12, "saw-open": 14, "saw-confirmed": 10}
    )
    measured.phase("open").counts["saw-sold-out"] = 28
    measured.second(0).counts["saw-open"] = 14
    codes = [f"ABCD-{number:04}-EFGH" for number in range(10)]
    claims = [
        Claim(number, f"person-{number}@storm.example.org", 1, ["confirmed"], [codes[number]]) for number in range(10)
    ]
    claims += [Claim(number, f"person-{number}@storm.example.org", 1, ["sold-out"]) for number in (10, 11)]
    whole = measured.whole()
    totals = {**whole.counts, **{name: histogram.count for name, histogram in whole.durations.items()}}
    return Record(
        host="http://localhost:8080",
        commit="c0ffee",
        started_at="2026-11-23T06:00:00+00:00",
        parameters=Parameters(40, 10, dict.fromkeys(NAMES, 10.0), 1, 1, 5.0, {"give_up": 0.02}),
        site_commit="c0ffee",
        course=Course("storm-1", "http://localhost:8080/register/storm-1/", 10, 1000.0, 0.0, 0.01),
        measurements=measured,
        workers=[Worker(0, 40, 50, True, [0.1] * 50, silence=1.1, totals=totals)],
        claims=claims,
        ledger=Ledger(10, 10, 10, [LedgerRow(claim.codes[0], claim.email) for claim in claims if claim.codes]),
        browsers=Browsers(absent="none was asked for"),
        seconds_run=50.0,
    )


# What botocore reads of AWS's descriptions, read once for all modules of these tests.
_described = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))


@pytest.fixture(scope="module", autouse=True)
def aws_descriptions() -> Iterator[None]:
    """Let all sessions of boto3 share botocore's descriptions of AWS, as the clients of one session do anyway.

    Each session parses them anew, and each test of what AWS tells has sessions of its own. A fixture of a package would
    last to the end of all tests, as these folders are no packages.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: _described(path))
        yield


@pytest.fixture
def record() -> Record:
    return good_record()


@pytest.fixture
def series(record: Record) -> Series:
    """A record as record.json holds it: alone, with no history."""
    return Series([record])


@contextmanager
def _serving(faults: dict[str, Any]) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("standin.py")), json.dumps(faults)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture
def serving() -> Callable[[dict[str, Any]], Any]:
    """A stand-in site with faults, as a context manager that gives its address."""
    return _serving


def clean_environment(**values: str) -> dict[str, str]:
    """Return the environment without anything that a storm would read, and with ``values``; no browsers by default."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORM_", "SITE_", "AWS_"))}
    return {**kept, "STORM_BROWSERS": "0", **values}


@pytest.fixture
def command() -> Callable[..., subprocess.Popen[str]]:
    """Start ``python -m loadtest`` with arguments; environment variables by keyword."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "loadtest", *arguments],
            cwd=ROOT,
            env=clean_environment(**environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
