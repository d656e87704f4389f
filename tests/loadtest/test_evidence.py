from __future__ import annotations

import html.parser
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from loadtest import evidence, junit, limits, report, summary
from loadtest import record as records
from loadtest.options import DEFAULT_LIMITS
from loadtest.record import Record, RecordError
from loadtest.verdict import judge

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
            if name in ("src", "href", "xlink:href", "srcset", "data", "poster", "action") and not (
                value or ""
            ).startswith("#"):
                self.found.append(f"{name}={value}")
            if name.startswith("on"):
                self.found.append(name)


def references(text: str) -> list[str]:
    parser = References()
    parser.feed(text)
    outside = [url for url in re.findall(r"url\(\s*['\"]?([^)'\"]*)", text) if not url.startswith("#")]
    return parser.found + outside + re.findall(r"@import[^;]*", text)


def test_the_report_refers_to_nothing_outside_and_is_small(record: Record) -> None:
    text = report.render(record, judge(record, LIMITS))
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
    text = report.render(record, judge(record, LIMITS))
    assert references(text) == []
    assert text.count("&lt;script&gt;") >= 4


def test_the_verdict_comes_first_and_says_why(record: Record) -> None:
    record.workers[0].cpu = [0.99] * 10
    text = report.render(record, judge(record, LIMITS))
    body = text[text.index("<body>") :]
    assert body.index("VOID") < body.index("storm: cpu is 99 %") < body.index("Limits") < body.index("<svg")


def test_a_record_of_nothing_still_makes_a_report(record: Record) -> None:
    empty = Record(record.host, record.commit, record.started_at, record.parameters, faults=["the site did not answer"])
    text = report.render(empty, judge(empty, LIMITS))
    assert "Nothing was measured" in text
    assert "the site did not answer" in text


def test_the_record_comes_back_from_its_file(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(records.dump(record, {"answer": "PASS"}))
    assert records.load(path) == record


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(schema=99), "schema 99; this command reads schema 1"),
        (lambda d: d.pop("schema"), "schema None"),
        (lambda d: d.pop("host"), "record.host: missing"),
        (lambda d: d.update(colour="red"), "record.colour: unknown field"),
        (lambda d: d["parameters"].update(people="many"), "record.parameters.people: expected int, found str"),
        (lambda d: d["workers"][0].update(finished=1), r"record.workers[0].finished: expected bool, found int"),
        (lambda d: d["claims"].append(3), "record.claims[12]: expected an object, found int"),
        (lambda d: d["measurements"]["phases"].update(lunch={}), "record.measurements: unknown phase 'lunch'"),
        (
            lambda d: d["measurements"]["phases"]["open"]["durations"]["wait"].update(count=1),
            "record.measurements: a histogram whose counts do not add up",
        ),
    ],
)
def test_a_file_that_is_no_record_is_refused_with_its_place(
    record: Record, tmp_path: Path, change: Callable[[Any], Any], message: str
) -> None:
    document = json.loads(records.dump(record, {}))
    change(document)
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document))
    with pytest.raises(RecordError) as caught:
        records.load(path)
    assert message in str(caught.value)


def test_the_folder_holds_everything_and_the_shell_can_read_its_verdict(record: Record, tmp_path: Path) -> None:
    record.faults.append(HOSTILE)
    evidence.prepare(tmp_path)
    evidence.write(record, LIMITS, evidence.Folder(tmp_path))
    assert {file.name for file in tmp_path.iterdir()} == {*evidence.FILES, "storm.log"}
    script = '. ./verdict.env; printf "%s|%s" "$STORM_VERDICT" "$STORM_SUMMARY"'
    said = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"VOID|VOID: {HOSTILE}")
    assert json.loads((tmp_path / "record.json").read_text())["verdict"]["answer"] == "VOID"


def test_no_older_verdict_survives_the_start_of_a_storm(record: Record, tmp_path: Path) -> None:
    evidence.prepare(tmp_path)
    evidence.write(record, LIMITS, evidence.Folder(tmp_path))
    assert "STORM_VERDICT=PASS" in (tmp_path / "verdict.env").read_text()
    evidence.prepare(tmp_path)
    assert "STORM_VERDICT=VOID" in (tmp_path / "verdict.env").read_text()
    assert not (tmp_path / "report.html").exists()


def test_the_summary_has_about_ten_lines_and_the_figures(record: Record) -> None:
    text = summary.text(record, judge(record, LIMITS), "s3://bucket/report.html")
    lines = text.splitlines()
    assert len(lines) <= 14
    assert lines[0] == "PASS  commit c0ffee"
    assert "10 of 10 sold" in text
    assert lines[-1].endswith("s3://bucket/report.html")


def slow(record: Record) -> None:
    for _ in range(60):
        record.measurements.phases["opening"].durations["wait"].add(4.0)
    record.workers[0].totals["wait"] += 60


def saturated(record: Record) -> None:
    record.workers[0].cpu = [0.99] * 10


def lost(record: Record) -> None:
    record.faults.append("worker 0 was lost")


@pytest.mark.parametrize(
    ("harm", "failures", "errors"),
    [(lambda _: None, 0, 0), (slow, 2, 0), (saturated, 0, 2), (lost, 0, 1)],
)
def test_junit_tells_failures_of_the_site_from_errors_of_the_storm(
    record: Record, harm: Callable[[Record], None], failures: int, errors: int
) -> None:
    harm(record)
    suite = Xml.fromstring(junit.text(record, judge(record, LIMITS)))
    assert (suite.get("failures"), suite.get("errors")) == (str(failures), str(errors))
    assert int(suite.get("tests") or 0) == len(suite.findall("testcase")) > 20
