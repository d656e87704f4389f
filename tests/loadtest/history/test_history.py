from __future__ import annotations

import dataclasses
import errno
import json
import math
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from loadtest import cli
from loadtest.gate import limits
from loadtest.gate.rules import Rules
from loadtest.gate.verdict import Answer
from loadtest.history import series, summaries, trend
from loadtest.history.summaries import Earlier, Summary
from loadtest.record.exit_codes import BadInput
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS
from tests.emulated import mock_aws

LIMITS = limits.load(DEFAULT_LIMITS)
RULES = Rules(("open wait p95",))
FINGERPRINT = {"schema": "1", "people": "300", "task": "512/1024"}


def night(day: int, wait: float = 1.0, verdict: Answer = Answer.PASS, **fingerprint: str) -> Summary:
    """Return a run on a day of 2026, counted from its first."""
    started = f"2026-{day // 28 + 1:02}-{day % 28 + 1:02}T02:00:00+00:00"
    return Summary(started, f"c{day:03}", verdict, {**FINGERPRINT, **fingerprint}, {"open wait p95": wait}, "report")


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both places in which a history may be kept, empty."""
    if request.param == "folder":
        yield str(tmp_path / "history")
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="evidence")
        yield "s3://evidence/history"


def test_runs_come_back_in_order_from_where_they_are_kept(place: str) -> None:
    assert summaries.read(place) == []
    for day in (5, 3, 4):
        summaries.add(place, night(day))
    assert summaries.read(place) == [night(3), night(4), night(5)]


def test_two_storms_of_a_commit_that_begin_in_the_same_second_are_two(place: str) -> None:
    """As of two masters that write one history at once; the same one again stays one."""
    with ThreadPoolExecutor(4) as pool:
        for wait in (1.0, 2.0, 3.0, 3.0):
            pool.submit(summaries.add, place, night(1, wait=wait))
    waits = [run.figures["open wait p95"] for run in summaries.read(place)]
    assert sorted(waits) == [1.0, 2.0, 3.0]


def test_a_place_that_is_not_there_is_named(place: str) -> None:
    nowhere = place.replace("evidence", "no-such-bucket") if place.startswith("s3") else "/proc/history"
    with pytest.raises(summaries.Unreadable, match=nowhere.split("/")[2]):
        summaries.add(nowhere, night(1))


def test_a_night_that_does_not_fit_leaves_nothing_that_later_nights_would_stumble_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries.add(str(tmp_path), night(1))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for day in (1, 2):
        with pytest.raises(summaries.Unreadable, match="No space left on device"):
            summaries.add(str(tmp_path), night(day, wait=9.0))
    assert summaries.read(str(tmp_path)) == [night(1)]
    assert [file.name for file in tmp_path.iterdir()] == [night(1).name]


def test_a_broken_summary_is_named_and_one_of_another_schema_left_out(tmp_path: Path) -> None:
    summaries.add(str(tmp_path), night(1))
    (tmp_path / "0.json").write_text(json.dumps({"schema": 99, "colour": "red"}))
    earlier = summaries.comparable(summaries.read(str(tmp_path)), FINGERPRINT)
    assert earlier == Earlier([night(1)], {"other schema": 1})
    good = json.loads((tmp_path / night(1).name).read_text())
    for text, message in (
        ('{"schema": 1}', "started_at: missing"),
        (json.dumps({**good, "started_at": "yesterday"}), "yesterday"),
        (json.dumps({**good, "started_at": "2026-11-23T02:00:00"}), "has no time zone"),
        (json.dumps({**good, "started_at": "0001-01-01T00:00:00+14:00"}), "before the first year"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({**good, "figures": {"open wait p95": math.nan}}), "NaN is no number"),
        ("\xff{", "Expecting value"),
    ):
        (tmp_path / "1.json").write_text(text, encoding="latin-1")
        with pytest.raises(
            summaries.Unreadable, match=rf"1\.json is no summary of a storm: .*{message}.*Take it out of"
        ):
            summaries.read(str(tmp_path))


def test_a_night_of_a_clock_that_went_wrong_is_left_out_until_its_time_has_come() -> None:
    runs = [night(1), night(20)]
    assert summaries.comparable(runs, FINGERPRINT, before=night(2).started_at) == Earlier(
        [night(1)], {"later than this storm": 1}
    )
    assert summaries.comparable(runs, FINGERPRINT, before=night(21).started_at) == Earlier(runs, {})


def test_only_comparable_runs_are_compared_and_the_others_are_counted() -> None:
    rules = Rules(("open wait p95",), newest=3, since="2026-01-03T00:00:00+00:00")
    runs = [
        night(0),
        *(night(day) for day in range(2, 7)),
        night(7, people="60"),
        night(8, task="1024/2048", people="60"),
        night(9, region="eu-west-1"),
        night(10, verdict=Answer.VOID),
        night(11, verdict=Answer.FAIL),
        dataclasses.replace(night(12), figures={}),
    ]
    used = summaries.baseline(summaries.comparable(runs, FINGERPRINT), rules)
    assert used.runs == [night(4), night(5), night(6)]
    assert used.left_out == {
        "other people": 1,
        "other people, task": 1,
        "other region": 1,
        "void": 1,
        "before 2026-01-03": 1,
        "not passed": 1,
        "without all figures": 1,
        "older than the newest 3": 2,
    }


def test_the_fingerprint_is_all_that_makes_storms_comparable(record: Record) -> None:
    record.environment = {"task": "512/1024", "region": "eu-central-1"}
    ours = summaries.fingerprint(record)
    assert ours["people"] == "40" and ours["phases"] == "10 10 10 10 10" and ours["task"] == "512/1024"
    record.parameters.seed, record.commit, record.host = 2, "other", "http://elsewhere"
    assert summaries.fingerprint(record) == ours
    record.parameters.behaviour["give_up"] = 0.5
    other_people = summaries.fingerprint(record)
    record.environment["task"] = "1024/2048"
    assert len({str(each) for each in (ours, other_people, summaries.fingerprint(record))}) == 3


def test_a_storm_that_stops_a_task_is_compared_with_its_like_whoever_started_it(record: Record) -> None:
    """The pipeline says so in the environment; who storms by hand says ``--kill-task`` alone."""
    usual = summaries.fingerprint(record)
    record.parameters.kills_task = True
    by_hand = summaries.fingerprint(record)
    record.environment["killed"] = "1"
    assert by_hand == summaries.fingerprint(record) == {**usual, "killed": "1"}


def test_a_summary_has_the_figures_that_are_compared(record: Record) -> None:
    summary = summaries.summarise(record, Answer.PASS, "report", LIMITS)
    # By these `make capacity` knows how much people ask for.
    assert all(
        f"{phase} {count}" in summary.figures for phase in ("opening", "open") for count in ("requests", "submits")
    )
    assert LIMITS.regression is not None
    assert set(LIMITS.regression.figures) <= set(summary.figures)
    assert summary.figures["opening wait p95"] == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("figures = []", "expected a list of phases with a figure"),
        ('figures = ["lunch wait p95"]', "unknown phase"),
        ('figures = ["open wait p96"]', "unknown statistic"),
        ('figures = ["open errors"]', "only waits and other durations can become slower"),
        ('figures = ["open wait p95"]\nfalse-alarms = "none"', "expected a percentage up to 50 %"),
        ('figures = ["open wait p95"]\nfalse-alarms = 1', 'expected a percentage up to 50 % such as "1 %", found 1'),
        ('figures = ["open wait p95"]\nnewest = 2', "expected a whole number of runs from 3 to 90"),
        ('figures = ["open wait p95"]\nsince = "yesterday"', "expected a date such as"),
        (
            'figures = ["open wait p95"]\nbefore = 3',
            "[regression] before: unknown; known are figures, false-alarms, smallest, newest",
        ),
    ],
)
def test_a_slip_in_what_is_compared_is_told_before_anything_starts(section: str, message: str) -> None:
    text = DEFAULT_LIMITS.read_text().split("[regression]")[0] + f"[regression]\n{section}\n"
    with pytest.raises(BadInput) as caught:
        limits.parse(text, "limits.toml")
    assert message in str(caught.value)


def nights(levels: list[tuple[int, float]], spread: float = 0.05) -> list[Summary]:
    rng = random.Random(6)
    waits = [level * math.exp(rng.gauss(0, spread)) for number, level in levels for _ in range(number)]
    return [night(day, wait) for day, wait in enumerate(waits)]


@pytest.mark.parametrize(
    ("levels", "starts"),
    [
        pytest.param([(60, 1.0)], [], id="one level"),
        pytest.param([(53, 1.0), (7, 1.2)], [53], id="slower lately"),
        pytest.param([(30, 1.0), (15, 0.7), (15, 1.0)], [30, 45], id="faster for a while"),
        pytest.param([(58, 1.0), (2, 2.0)], [], id="too few nights yet"),  # of the five that a level lasts
        pytest.param([(20, 1.0), (1, 9.0), (20, 1.0)], [], id="one slow night"),  # an outlier
        pytest.param([(4, 1.0), (5, 9.0)], [], id="too few nights before"),
        pytest.param([(20, 1.0), (20, 1.0)], [], id="same level twice"),
    ],
)
def test_a_new_level_is_found_where_it_begins(levels: list[tuple[int, float]], starts: list[int]) -> None:
    found = trend.changes(nights(levels), RULES)
    assert [change.commit for change in found] == [f"c{start:03}" for start in starts]


def test_a_change_says_by_how_much_and_since_when() -> None:
    (worse,) = trend.changes(nights([(30, 1.0), (8, 1.5)]), RULES)
    assert worse.ratio == pytest.approx(1.5, rel=0.1)
    assert "times what it was since 2026-02-03 (commit c030)" in worse.sentence


@pytest.mark.parametrize(
    ("levels", "news"),
    [
        pytest.param([(30, 1.0), (2, 1.5)], False, id="too few nights yet"),
        pytest.param([(30, 1.0), (8, 1.5)], True, id="slower"),
        pytest.param([(30, 1.0), (8, 0.5)], False, id="faster"),
        pytest.param([(30, 1.0), (20, 1.5)], False, id="slower for long"),
        pytest.param([(30, 1.0), (20, 1.5), (8, 2.0)], True, id="slower for long and slower still"),
    ],
)
def test_a_slow_down_is_news_for_some_nights_from_the_first_that_shows_it(
    levels: list[tuple[int, float]], news: bool
) -> None:
    runs = nights(levels)
    found = trend.news(trend.changes(runs, RULES), trend.changes(runs[: -trend.NEWS], RULES))
    assert bool(found) is news


# The width of a bucket of the histograms that percentiles are read from.
BUCKET = 0.01


@pytest.mark.parametrize(
    ("waits", "smallest", "starts"),
    [
        pytest.param([1.0, 1 + BUCKET] * 30, 0.1, [], id="from bucket to bucket"),
        pytest.param([1.0] * 30 + [1 + BUCKET] * 30, 0.1, [], id="one bucket higher for good"),
        pytest.param([1.0] * 30 + [1 + BUCKET] * 30, 0.001, [], id="one bucket, whatever the rules ask for"),
        pytest.param([1.0] * 30 + [1.06] * 30, 0.1, [], id="less than the rules call a change"),
        pytest.param([1.0] * 30 + [1.06] * 30, 0.05, [30], id="more than the rules call a change"),
        pytest.param([1.0] * 20 + [1.06] * 20 + [1.12] * 20, 0.1, [40], id="in two steps"),
        pytest.param([1.0] * 20 + [1.06] * 20 + [1.0] * 20, 0.1, [], id="there and back"),
    ],
)
def test_what_is_below_the_rules_or_the_figures_is_no_change(
    waits: list[float], smallest: float, starts: list[int]
) -> None:
    rules = dataclasses.replace(RULES, smallest=smallest)
    found = trend.changes([night(day, wait) for day, wait in enumerate(waits)], rules)
    assert [change.commit for change in found] == [f"c{start:03}" for start in starts]


# The command


@pytest.fixture
def kept(tmp_path: Path, record: Record) -> tuple[str, Path]:
    """30 nights comparable with a record, and the record in three storms."""
    place, path = tmp_path / "history", tmp_path / "record.json"
    ours = summaries.summarise(record, Answer.PASS, "", LIMITS)
    rng = random.Random(1)
    for day in range(30):
        figures = {name: value * rng.gauss(1, 0.05) for name, value in ours.figures.items()}
        started = f"2026-10-{day + 1:02}T02:00:00+00:00"
        summaries.add(str(place), dataclasses.replace(ours, started_at=started, figures=figures))
    path.write_text(series.dump(series.Series([record] * 3, 3, 3), {}))
    return str(place), path


def test_history_lists_plots_and_compares(
    kept: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, path = kept
    assert cli.main(["history", "list", place], {}) == 0
    listed = capsys.readouterr().out
    assert listed.count("PASS") == 30 and "2026-10-30T02:00:00" in listed and "opening wait p95" in listed
    assert cli.main(["history", "plot", place, "--out", str(tmp_path / "history.html")], {}) == 0
    assert (tmp_path / "history.html").read_text().count("<svg") == 3
    assert cli.main(["history", "compare", place, str(path)], {}) == 0
    assert "3 runs against 30 comparable earlier ones" in capsys.readouterr().out


def test_history_compare_fails_for_a_slower_commit(
    kept: tuple[str, Path], record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    place, path = kept
    for _ in range(600):
        record.measurements.phases["opening"].durations["wait"].add(0.2)
    path.write_text(series.dump(series.Series([record] * 3, 3, 3), {}))
    assert cli.main(["history", "compare", place, str(path)], {}) == 1
    assert "SLOWER opening wait p95" in capsys.readouterr().out


@pytest.fixture
def bucket(kept: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The same nights in a bucket, with whole records beside and below their folder."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client: Any = boto3.client("s3")
        client.create_bucket(Bucket="evidence")
        for file in Path(kept[0]).iterdir():
            client.put_object(Bucket="evidence", Key=f"history/{file.name}", Body=file.read_bytes())
        for key in ("history/old/record.json", "nightly/1/record.json", "history/notes.txt"):
            client.put_object(Bucket="evidence", Key=key, Body=b"{}")
        yield client


def test_a_bucket_tells_what_a_folder_tells(
    kept: tuple[str, Path], bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, record = kept
    lines = []
    for each in (place, "s3://evidence/history", "s3://evidence/history/"):
        page = tmp_path / "plot.html"
        assert cli.main(["history", "list", each], {}) == 0
        assert cli.main(["history", "plot", each, "--out", str(page)], {}) == 0
        assert cli.main(["history", "compare", each, str(record)], {}) == 0
        lines.append((capsys.readouterr().out.replace(each, "PLACE"), page.read_text()))
    assert lines[0][0].count("PASS") == 30
    assert lines[0] == lines[1] == lines[2]


FORBIDDEN = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::evidence*"}


@pytest.mark.parametrize(
    ("place", "policy", "message"),
    [
        pytest.param(
            "s3://evidence/nothing",
            None,
            "there are no runs in s3://evidence/nothing: a storm leaves one there",
            id="empty folder",
        ),
        pytest.param(
            "s3://evidence/nightly/1",
            None,
            "none of the 1 JSON files in s3://evidence/nightly/1 is a summary",
            id="no summaries",
        ),
        pytest.param("s3://no-such-bucket/history", None, "NoSuchBucket", id="no such bucket"),
        pytest.param(
            "s3://no-such-bucket/history", None, "the name is that of the evidence bucket", id="which bucket is meant"
        ),
        pytest.param(
            "s3://evidence/history",
            FORBIDDEN,
            "reading needs s3:ListBucket on the bucket and s3:GetObject",
            id="forbidden",
        ),
        pytest.param("s3:///history", None, "names no bucket: expected s3://bucket/prefix", id="no name"),
        pytest.param(
            "s3://Evidence/history", None, "names no bucket: expected s3://bucket/prefix", id="name in capitals"
        ),
    ],
)
def test_a_bucket_that_gives_no_history_says_what_to_do(
    bucket: Any, place: str, policy: dict[str, str] | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if policy:
        bucket.put_bucket_policy(Bucket="evidence", Policy=json.dumps({"Version": "2012-10-17", "Statement": [policy]}))
    assert cli.main(["history", "list", place], {}) == 2
    assert message in capsys.readouterr().err


def test_without_credentials_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    # boto3 keeps the credentials that it found first, for as long as the process lives.
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert cli.main(["history", "list", "s3://evidence/history"], {}) == 2
    assert "sign in to the pipeline's account, or set AWS_PROFILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["list", "/nowhere"], "there are no runs in /nowhere", id="empty folder"),
        pytest.param(
            ["list", "s3://no-such-bucket-of-ours/x"],
            "the history s3://no-such-bucket-of-ours/x cannot be reached",
            id="bucket out of reach",
        ),
        pytest.param(["compare", "HISTORY", "/nowhere.json"], "/nowhere.json cannot be read", id="missing record"),
        pytest.param(
            ["plot", "HISTORY", "--out", "/proc/x.html"], "cannot write /proc/x.html", id="page that cannot be written"
        ),
    ],
)
def test_history_tells_bad_input(
    kept: tuple[str, Path],
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        words: list[Any] = [kept[0] if word == "HISTORY" else word for word in arguments]
        assert cli.main(["history", *words], {}) == 2
    assert message in capsys.readouterr().err
