"""The timeline of a storm as a file of lines, which whoever reads along may draw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loadtest.live.timeline import PLOTS, TimelineFile
from loadtest.record.record import Record
from tests.loadtest.conftest import good_record


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_look_adds_what_has_changed(record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "timeline.jsonl"
    file.write_text("of an older storm")
    timeline = TimelineFile(file)
    assert not file.exists(), "nobody takes it for this storm's"
    timeline.look(record, 3.5)
    assert capsys.readouterr().out == f"timeline: {file}\n"
    head, everything = lines(file)
    assert (head["timeline"], head["from"], head["to"]) == ("Storm on http://localhost:8080", -20.0, 30.0)
    assert [len(values) for values in everything["seconds"][0]["values"]] == [len(plot["lines"]) for plot in PLOTS]
    timeline.look(record, 5.5)
    assert len(lines(file)) == 2, "nothing is new"
    record.measurements.second(5).counts["errors"] = 2
    timeline.look(record, 7.5)
    [news] = lines(file)[2:]
    assert [each["at"] for each in news["seconds"]] == [5]
    record.measurements.second(29).counts["aborts"] = 1
    timeline.finish()
    assert lines(file)[-1]["seconds"][0]["values"][-1] == [1, 0, 0]
    timeline.look(good_record(), -20)
    assert [place for place, line in enumerate(lines(file)) if "timeline" in line] == [0, 4], (
        "the next storm of the run"
    )
    assert capsys.readouterr().out == ""


def test_a_storm_that_never_began_has_none(tmp_path: Path) -> None:
    timeline = TimelineFile(tmp_path / "timeline.jsonl")
    timeline.finish()
    assert not list(tmp_path.iterdir())


def test_a_timeline_that_cannot_be_written_is_given_up(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    timeline = TimelineFile(tmp_path / "gone" / "timeline.jsonl")
    timeline.look(record, 3.5)
    record.measurements.second(5).counts["errors"] = 2
    timeline.look(record, 5.5)
    assert [each.getMessage() for each in caplog.records] == [
        f"the timeline is written no further: {tmp_path}/gone/timeline.jsonl: No such file or directory"
    ]
    assert capsys.readouterr().out == ""
