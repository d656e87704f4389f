from __future__ import annotations

import dataclasses
import json
import math
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

import rehearsal.aws  # noqa: F401 - what moto imports is then less by two seconds
from loadtest.evidence import notice
from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history import summaries, trend
from loadtest.history.judgement import Judgement, judge_all
from loadtest.history.series import Series
from loadtest.history.summaries import Summary
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS
from tests.loadtest.variations import saturated, slow

LIMITS = limits.load(DEFAULT_LIMITS)
REGION = "eu-central-1"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
REPORT = "s3://evidence/nightly/20261123T020000Z-c0ffee/report.html"


@dataclasses.dataclass
class Topic:
    """A topic of a running emulated AWS, and what it has passed on."""

    arn: str
    environment: dict[str, str]
    queue: Any
    queue_url: str

    def heard(self) -> list[dict[str, str]]:
        answer = self.queue.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield f"http://localhost:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture
def topic(aws: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Topic:
    environment = {**KEYS, "AWS_ENDPOINT_URL": aws}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    name = f"t{abs(hash(request.node.name))}"
    sns: Any = boto3.client("sns", REGION)
    sqs: Any = boto3.client("sqs", REGION)
    arn, url = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    return Topic(arn, environment, sqs, url)


def nightly(record: Record, levels: list[float]) -> tuple[Series, Judgement]:
    """Return a night like the record, after nights that took so many times as long, give or take 3 %."""
    ours = summaries.summarise(record, Answer.PASS, "", LIMITS)
    rng = random.Random(4)
    # How much people asked for has nothing to do with how long it took.
    durations = {name: value for name, value in ours.figures.items() if not name.endswith(("requests", "submits"))}

    def night(day: int, level: float) -> Summary:
        figures = {name: value * level * math.exp(rng.gauss(0, 0.03)) for name, value in durations.items()}
        return dataclasses.replace(ours, started_at=f"2026-10-{day + 1:02}T02:00:00+00:00", figures=figures)

    nights = [night(day, level) for day, level in enumerate(levels)]
    series = Series([record], history="nights", earlier=nights, nightly=True)
    return series, judge_all(series, LIMITS)


@pytest.mark.parametrize(
    ("harm", "levels", "words"),
    [
        (slow, [1.0] * 20, "FAIL: - opening: wait p95 is 3.99 s"),
        (saturated, [1.0] * 20, "VOID: - storm: cpu is 97 %"),
        (lambda _: None, [0.5] * 20 + [1.0] * 6, "FAIL: times what it was since 2026-10-21"),
        (lambda _: None, [2.0] * 20 + [1.0] * 2, "PASS, and a change: wait p95 is 0.50 times what it was since"),
    ],
    ids=["fail", "void", "slower", "faster"],
)
def test_a_fail_a_void_and_a_change_reach_the_topic(
    record: Record, topic: Topic, harm: Callable[[Record], None], levels: list[float], words: str
) -> None:
    harm(record)
    series, judgement = nightly(record, levels)
    assert notice.is_due(judgement)
    notice.send(topic.arn, series, judgement, REPORT)
    [message] = topic.heard()
    answer, _, words = words.partition(": ")
    assert message["Subject"] == f"Storm on http://localhost:8080: {answer}"
    assert words in message["Message"]
    assert REPORT in message["Message"]
    assert "s3/object/evidence?region=eu-central-1&prefix=nightly/20261123T020000Z-c0ffee/report" in message["Message"]


@pytest.mark.parametrize("levels", [[], [1.0] * 20, [2.0] * 10 + [1.0] * 10], ids=["first", "steady", "known"])
def test_a_night_that_passed_with_nothing_new_is_no_news(record: Record, levels: list[float]) -> None:
    _, judgement = nightly(record, levels)
    assert judgement.answer is Answer.PASS
    assert not notice.is_due(judgement)


def test_a_new_level_is_told_once(record: Record) -> None:
    news = [nightly(record, [2.0] * 20 + [1.0] * nights)[1].fresh for nights in range(12)]
    for figure in ("before wait p95", "opening wait p95", "storm claim p95"):
        assert sum(change.figure == figure for fresh in news for change in fresh) == 1, figure


def test_a_commit_of_the_gate_is_not_told_of_the_nights_changes(record: Record) -> None:
    series, judgement = nightly(record, [2.0] * 20 + [1.0] * 2)
    assert judgement.fresh
    series.nightly = False
    assert not notice.is_due(judge_all(series, LIMITS))


def change(figure: str = "open wait p95", after: float = 2.0, lasted: int = 6) -> trend.Change:
    return trend.Change(figure, "2026-11-01T02:00:00+00:00", "c0ffee", 1.0, after, lasted)


@pytest.mark.parametrize(
    ("before", "fresh"),
    [
        pytest.param([], True, id="never before"),
        pytest.param([change(lasted=5)], False, id="found before"),
        pytest.param([change(lasted=8)], False, id="its beginning moved"),
        pytest.param([change(lasted=30)], True, id="an older change"),
        pytest.param([change(after=0.5, lasted=5)], True, id="in the other direction"),
        pytest.param([change("storm claim p95", lasted=5)], True, id="of another figure"),
    ],
)
def test_a_change_is_news_on_its_first_night_only(before: list[trend.Change], fresh: bool) -> None:
    assert trend.fresh([change()], before, 1) == ([change()] if fresh else [])


def test_a_subject_is_what_sns_takes(record: Record) -> None:
    record.host = f"http://{'ü' * 200}"
    series, judgement = nightly(record, [])
    text = notice.subject(series, judgement)
    assert len(text) == notice.LONGEST_SUBJECT and text.isascii()


Command = Callable[..., subprocess.Popen[str]]
DOWN = ["run", "--host", "http://127.0.0.1:1", "--token", "t"]


def test_the_command_tells_what_it_found(topic: Topic, command: Command, tmp_path: Path) -> None:
    storm = command(*DOWN, "--out", str(tmp_path), "--notify", topic.arn, **topic.environment)
    output, _ = storm.communicate()
    assert storm.returncode == 3, output
    [message] = topic.heard()
    assert message["Subject"] == "Storm on http://127.0.0.1:1: VOID"
    assert output.endswith(message["Message"])


def test_a_message_that_cannot_be_sent_is_void_and_named(topic: Topic, command: Command, tmp_path: Path) -> None:
    nowhere = f"{topic.arn}-that-is-not-there"
    storm = command(*DOWN, "--out", str(tmp_path), "--notify", nowhere, **topic.environment)
    output, complaints = storm.communicate()
    assert storm.returncode == 3, output
    assert f"the operator could not be told through {nowhere}" in (tmp_path / "report.html").read_text()
    assert "Traceback" not in output + complaints


def test_what_is_no_topic_is_bad_input(command: Command, tmp_path: Path) -> None:
    storm = command(*DOWN, "--out", str(tmp_path), STORM_NOTIFY="operator@example.org")
    _, complaints = storm.communicate()
    assert storm.returncode == 2
    assert "STORM_NOTIFY: 'operator@example.org': expected the ARN of an SNS topic" in complaints
