from __future__ import annotations

import html.parser
import json
import math
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from loadtest.evidence import folder, junit, summary
from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history import series as storms
from loadtest.history.judgement import judge_all
from loadtest.history.series import Series, dump, load
from loadtest.record.codec import RecordError
from loadtest.record.error_example import ErrorExample
from loadtest.record.phases import NAMES
from loadtest.record.record import KilledTask, Record
from loadtest.request.options import DEFAULT_LIMITS
from tests.loadtest import reading
from tests.loadtest.variations import in_a_history, saturated, slow

LIMITS = limits.load(DEFAULT_LIMITS)
HOSTILE = """<script>alert("1")</script>'; rm -rf / #"""


FETCHING = ("src", "href", "xlink:href", "srcset", "data", "poster", "action")


class References(html.parser.HTMLParser):
    """Everything in a page that a browser would fetch or follow, and all its script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "base"):
            self.found.append(tag)
        for name, value in attrs:
            if name in FETCHING and not (value or "").startswith("#"):
                self.found.append(f"{name}={value}")
            if name.startswith("on"):
                self.found.append(name)


def rendered(record: Record) -> str:
    from loadtest.evidence import report

    series = Series([record])
    return report.render(series, judge_all(series, LIMITS))


def references(text: str) -> list[str]:
    parser = References()
    parser.feed(text)
    outside = [url for url in re.findall(r"url\(\s*['\"]?([^)'\"]*)", text) if not url.startswith("#")]
    return parser.found + outside + re.findall(r"@import[^;]*", text)


def test_the_report_refers_to_nothing_outside_and_is_small(record: Record) -> None:
    text = rendered(record)
    assert references(text) == []
    assert len(text.encode()) < 1_000_000
    assert text.count("<svg") == 5


def test_references_would_be_found() -> None:
    text = '<img src="//x/y"><style>@import "z"; a { background: url(http://q) }</style><script>1</script>'
    assert references(text) == ["src=//x/y", "script", "http://q", '@import "z"']


def test_what_came_from_outside_is_escaped(record: Record) -> None:
    record.commit = record.host = record.site_commit = HOSTILE
    record.faults.append(HOSTILE)
    assert record.course is not None
    record.course.slug = HOSTILE
    record.claims[0].codes.append(HOSTILE)
    record.measurements.phases["open"].counts["error-http-503"] = 1
    record.examples = [ErrorExample("http-503", 0.3, HOSTILE, 503, HOSTILE)]
    text = rendered(record)
    assert references(text) == []
    assert text.count("&lt;script&gt;") >= 6


def test_report_and_summary_show_the_first_error_of_a_kind(record: Record) -> None:
    record.measurements.phases["opening"].counts.update({"errors": 8, "error-led-away": 7, "error-reset": 1})
    url = "http://localhost:8080/register/storm-1/"
    record.examples = [ErrorExample("led-away", 0.31, url, 301, "redirected away from the site to https://www.x.org/")]
    assert reading.read(rendered(record)).rows["led-away"] == [
        *("7", "+0.3\N{NO-BREAK SPACE}s", url, "301", "redirected away from the site to https://www.x.org/")
    ]
    lines = summary.text(Series([record]), judge_all(Series([record]), LIMITS), "report.html").splitlines()
    assert len(lines) <= summary.LINES
    assert (
        f"errors       7 led-away, first at +0.3 s, {url} (301): redirected away from the site to https://www.x.org/; "
        "1 more kind, in the report"
    ) in lines


@pytest.mark.parametrize(
    ("schema", "lacking"),
    [
        pytest.param(2, ("examples", "browsers"), id="no examples of errors yet"),
        pytest.param(3, ("browsers",), id="no browsers yet"),
    ],
)
def test_a_record_of_an_earlier_schema_is_judged_as_it_was(
    record: Record, tmp_path: Path, schema: int, lacking: tuple[str, ...]
) -> None:
    document = json.loads(dump(Series([record]), {}))
    document["schema"] = schema
    for name in lacking:
        del document["runs"][0][name]
    (tmp_path / "record.json").write_text(json.dumps(document))
    record.browsers.absent = "storms had no browsers then"
    assert load(tmp_path / "record.json") == Series([record])


def test_the_verdict_comes_first_and_says_why(record: Record) -> None:
    record.workers[0].cpu = [0.99] * 10
    text = rendered(record)
    body = text[text.index("<body>") :]
    assert body.index("VOID") < body.index("storm: cpu is 99 %") < body.index("Limits") < body.index("<svg")


def test_a_record_of_nothing_still_makes_a_report(record: Record) -> None:
    empty = Record(record.host, record.commit, record.started_at, record.parameters, faults=["the site did not answer"])
    text = rendered(empty)
    assert "Nothing was measured" in text
    assert "the site did not answer" in text


def test_the_record_comes_back_from_its_file(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(storms.dump(Series([record]), {"answer": "PASS"}))
    assert storms.load(path) == Series([record])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(schema=99), "schema 99; this command reads schema 4"),
        (lambda d: d.pop("schema"), "is no record of a storm"),
        (lambda d: d.update(runs=[]), "record.runs: there is no storm in it"),
        (lambda d: d["runs"][0].pop("host"), "record.runs[0].host: missing"),
        (lambda d: d.update(colour="red"), "record.colour: unknown field"),
        (
            lambda d: d["runs"][0]["parameters"].update(people="many"),
            "parameters.people: expected a valid integer, found str",
        ),
        (lambda d: d["runs"][0]["parameters"].update(people=0), "parameters: 0 people, 10 seats"),
        (lambda d: d["runs"][0]["parameters"]["phases"].pop("open"), "the phases warm-up, before, opening, recovery"),
        (lambda d: d["runs"][0]["parameters"]["phases"].update(open=0), "parameters: phase open lasts 0.0 s"),
        (lambda d: d["runs"][0].update(seconds_run=math.nan), "is not JSON: NaN is no number"),
        (
            lambda d: d["runs"][0]["workers"][0].update(finished=1),
            "workers[0].finished: expected a valid boolean, found int",
        ),
        (lambda d: d["runs"][0]["claims"].append(3), "record.runs[0].claims[12]: expected an object, found int"),
        (
            lambda d: d["runs"][0]["measurements"]["phases"].update(lunch={}),
            "measurements.phases.lunch: expected 'warm-up', 'before', 'opening', 'open' or 'recovery'",
        ),
        (
            lambda d: d["runs"][0]["measurements"]["phases"]["open"]["durations"]["wait"].update(count=1),
            "record.runs[0].measurements.phases.open.durations.wait: a histogram whose counts do not add up",
        ),
    ],
)
def test_a_file_that_is_no_record_is_refused_with_its_place(
    record: Record, tmp_path: Path, change: Callable[[Any], Any], message: str
) -> None:
    document = json.loads(storms.dump(Series([record]), {}))
    change(document)
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document))
    with pytest.raises(RecordError) as caught:
        storms.load(path)
    assert message in str(caught.value)


def test_a_record_from_before_a_field_was_added_is_read(record: Record, tmp_path: Path) -> None:
    document = json.loads(storms.dump(Series([record]), {}))
    (run,) = document["runs"]
    for newer in ("cut", "locust", "environment", "versions", "seconds_run"):
        del run[newer]
    for newer in ("behaviour", "people_file", "profile"):
        del run["parameters"][newer]
    for newer in ("totals", "clock_error"):
        del run["workers"][0][newer]
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document))
    (read,) = storms.load(path).runs
    assert (read.cut, read.locust, read.parameters.profile, read.workers[0].clock_error) == (None, None, "", 0.0)
    assert read.measurements == record.measurements


def test_the_folder_holds_everything_and_the_shell_can_read_its_verdict(record: Record, tmp_path: Path) -> None:
    record.faults.append(HOSTILE)
    folder.prepare(tmp_path)
    folder.write(Series([record]), LIMITS, folder.Folder(tmp_path))
    assert {file.name for file in tmp_path.iterdir()} == {*folder.FILES, "storm.log"}
    script = '. ./verdict.env; printf "%s|%s" "$STORM_VERDICT" "$STORM_SUMMARY"'
    output = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert output.startswith(f"VOID|VOID: {HOSTILE}")
    assert json.loads((tmp_path / "record.json").read_text())["verdict"]["answer"] == "VOID"


def test_no_older_verdict_survives_the_start_of_a_storm(record: Record, tmp_path: Path) -> None:
    folder.prepare(tmp_path)
    folder.write(Series([record]), LIMITS, folder.Folder(tmp_path))
    assert "STORM_VERDICT=PASS" in (tmp_path / "verdict.env").read_text()
    folder.prepare(tmp_path)
    assert "STORM_VERDICT=VOID" in (tmp_path / "verdict.env").read_text()
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    "reasons",
    [
        pytest.param(0, id="no reason"),
        pytest.param(1, id="one reason"),
        pytest.param(2, id="two reasons"),
        pytest.param(3, id="three reasons"),
        pytest.param(4, id="four reasons"),
        pytest.param(9, id="nine reasons"),
    ],
)
def test_the_summary_has_ten_lines_at_most_and_the_figures(record: Record, reasons: int) -> None:
    record.faults = [f"reason\n{number}" for number in range(reasons)]
    text = summary.text(Series([record]), judge_all(Series([record]), LIMITS), "s3://bucket/report.html")
    lines = text.splitlines()
    assert len(lines) <= 10
    assert lines[0] == f"{'VOID' if reasons else 'PASS'}  commit c0ffee"
    assert sum(line.startswith("- reason") for line in lines) == (reasons if reasons <= 3 else 2)
    assert ("- and 7 more reasons, in the report" in lines) == (reasons == 9)
    assert "10 of 10 sold" in text
    assert lines[-1].endswith("s3://bucket/report.html")


def test_a_line_ends_where_the_question_to_the_approver_has_no_more_room(record: Record) -> None:
    series = Series([record])
    record.faults.append("AWS said: " + "no " * 200)
    line = summary.line(series, judge_all(series, LIMITS))
    assert line.startswith("VOID: AWS said: no no")
    assert len(line) == summary.LONGEST_LINE and line.endswith("…")


@pytest.mark.parametrize(
    ("whole_after", "words"),
    [
        pytest.param(8.14, "1 of 2 tasks stopped at +0.2 s, whole again after 8.1 s", id="replaced"),
        pytest.param(None, "1 of 2 tasks stopped at +0.2 s, not whole again", id="not replaced"),
    ],
)
def test_a_task_that_was_stopped_is_told_everywhere(record: Record, whole_after: float | None, words: str) -> None:
    from loadtest.evidence import report

    record.killed = KilledTask("arn:aws:ecs:eu-central-1:222222222222:task/dev/1", 0.2, 2, whole_after)
    series = Series([record])
    judgement = judge_all(series, LIMITS)
    assert summary.line(series, judgement).endswith(words)
    assert words in summary.text(series, judgement, "report").splitlines()[1]
    assert f"task/dev/1: {words}" in report.render(series, judgement)


def test_the_report_shows_the_storms_the_worst_seconds_and_the_history(record: Record) -> None:
    from loadtest.evidence import report

    series = in_a_history(record)
    judgement = judge_all(series, LIMITS)
    text = report.render(series, judgement)
    assert judgement.answer is Answer.PASS, judgement.reasons
    assert "3 runs against 30 comparable earlier ones; 2 left out (2: other people)" in text
    for title in ("Storm by storm", "The worst ten seconds", "Compared with earlier runs"):
        assert f"<h2>{title}</h2>" in text
    assert text.count("<svg") == 5 + 3
    assert references(text) == []


def test_a_slower_commit_fails_and_every_file_says_so(record: Record, tmp_path: Path) -> None:
    folder.prepare(tmp_path)
    judgement = folder.write(in_a_history(record, 0.6), LIMITS, folder.Folder(tmp_path))
    assert judgement.answer is Answer.FAIL
    sentence = "opening wait p95 has become slower: 1.6"
    assert sentence in judgement.reasons[1]
    for name in ("report.html", "summary.txt", "junit.xml", "record.json"):
        assert sentence in (tmp_path / name).read_text(), name
    kept = storms.load(tmp_path / "record.json")
    assert judge_all(kept, LIMITS).reasons == judgement.reasons


def test_the_storm_that_did_not_pass_decides_for_all(record: Record) -> None:
    series = in_a_history(record)
    slow(series.runs[1])
    series.runs.pop()
    judgement = judge_all(series, LIMITS)
    assert (judgement.answer, judgement.shown) == (Answer.FAIL, 1)
    assert judgement.reasons[0] == "storm 2: opening: wait p95 is 3.99 s, the limit is < 3 s"
    assert 'name="storm 2: opening: wait p95' in junit.text(series, judgement)


def test_fewer_storms_than_planned_are_no_pass(record: Record) -> None:
    judgement = judge_all(Series([record], planned=3), LIMITS)
    assert (judgement.answer, judgement.reasons) == (Answer.VOID, ("only 1 of 3 storms took place",))


def test_a_long_storm_of_many_kinds_of_answers_stays_below_a_megabyte(record: Record) -> None:
    rng = random.Random(1)
    record.parameters.phases = dict.fromkeys(NAMES, 180.0)
    for second in range(-360, 540):
        tally = record.measurements.second(second)
        for state in ("closed", "open", "confirmed", "sold-out", "waiting"):
            tally.counts[f"saw-{state}"] = rng.randrange(1000)
        tally.counts.update(errors=rng.randrange(9), aborts=rng.randrange(99), arrived=9, left=8)
        for _ in range(20):
            tally.duration("wait").add(rng.lognormvariate(-2, 1))
            tally.duration("lag").add(rng.random() / 100)
    record.workers[0].cpu = [rng.random() for _ in range(900)]
    assert len(rendered(record).encode()) < 1_000_000


def lost(record: Record) -> None:
    record.faults.append("worker 0 was lost\x1b[0m")  # what a site says may hold anything


@pytest.mark.parametrize(
    ("harm", "failures", "errors"),
    [
        pytest.param(lambda _: None, 0, 0, id="no harm"),
        pytest.param(slow, 2, 0, id="slow"),
        pytest.param(saturated, 0, 2, id="saturated"),
        pytest.param(lost, 0, 1, id="worker lost"),
    ],
)
def test_junit_tells_failures_of_the_site_from_errors_of_the_storm(
    record: Record, harm: Callable[[Record], None], failures: int, errors: int
) -> None:
    harm(record)
    suite = Xml.fromstring(junit.text(Series([record]), judge_all(Series([record]), LIMITS)))
    assert (suite.get("failures"), suite.get("errors")) == (str(failures), str(errors))
    assert int(suite.get("tests") or 0) == len(suite.findall("testcase")) > 20
