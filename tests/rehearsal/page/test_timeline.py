"""The timeline of an action: what its build writes is read, and nothing beside it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from loadtest.live.timeline import TimelineFile
from rehearsal.page.timeline import TimelineReader, named
from rehearsal.page.view import View
from tests.loadtest.conftest import good_record

HEAD = {"timeline": "Storm", "about": "Seconds.", "from": -2, "to": 3, "phases": [["before", -2], ["open", 0]]}
HEAD |= {"plots": [{"title": "People", "lines": ["people", "gone"], "unit": ""}]}


def second(at: int, *values: float | None) -> dict[str, object]:
    return {"at": at, "values": [list(values)]}


def write(file: Path, *lines: object) -> None:
    with file.open("a") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in lines)


def test_a_log_says_where_its_timeline_is() -> None:
    assert named("storm on x\ntimeline: /builds/storm/timeline.jsonl\n+1.0 s\n") == "/builds/storm/timeline.jsonl"
    assert named("the timeline: /etc/passwd\ntimeline: not absolute\n") is None


def test_a_timeline_is_read_as_it_grows_and_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "timeline.jsonl"
    reader = TimelineReader(file)
    assert reader.read() is None, "it is not there yet"
    write(file, HEAD, {"seconds": [second(-2, 1, None)]})
    first = reader.read()
    assert first is not None
    assert (first["head"]["from"], first["head"]["plots"][0]["lines"]) == (-2, ["people", "gone"])
    assert first["seconds"] == [{"at": -2, "values": [[1, None]]}]
    assert reader.read() is None
    write(file, {"seconds": [second(-1, 2, 0)]}, {"seconds": [second(0, 2, 1)]})
    assert [each["at"] for each in (reader.read() or {})["seconds"]] == [-1, 0]
    write(file, {"seconds": [second(1, 2, 1)]}, HEAD | {"timeline": "Another"}, {"seconds": [second(-2, 7, 0)]})
    anew = reader.read()
    assert anew is not None
    assert (anew["head"]["timeline"], anew["seconds"]) == ("Another", [{"at": -2, "values": [[7, 0]]}])


def test_what_a_storm_writes_is_a_timeline(tmp_path: Path) -> None:
    record, file = good_record(), tmp_path / "timeline.jsonl"
    timeline, reader = TimelineFile(file), TimelineReader(file)
    timeline.look(record, 3.5)
    read = reader.read()
    assert read is not None and read["fault"] == ""
    assert (read["head"]["timeline"], len(read["head"]["plots"]), len(read["seconds"])) == (
        "Storm on http://localhost:8080", 4, 50,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("<script>", "Invalid JSON", id="no JSON"),
        pytest.param({"seconds": [second(0, 1)]}, "other values than its plots have lines", id="a line too few"),
        pytest.param({"seconds": [second(0, float("nan"), 1)]}, "is no timeline", id="no number"),
        pytest.param(HEAD | {"plots": []}, "is no timeline", id="no plots"),
    ],
)
def test_what_is_no_timeline_is_said_and_left_alone(tmp_path: Path, line: object, why: str) -> None:
    file = tmp_path / "timeline.jsonl"
    write(file, HEAD, {"seconds": [second(-2, 1, 0)]})
    reader = TimelineReader(file)
    reader.read()
    with file.open("a") as stream:
        stream.write(f"{line if isinstance(line, str) else json.dumps(line)}\n")
    read = reader.read()
    assert read is not None and why in read["fault"]
    write(file, {"seconds": [second(-1, 1, 0)]})
    assert reader.read() is None


def test_a_timeline_is_of_its_action_and_of_a_build(tmp_path: Path) -> None:
    view = View(tmp_path / ".rehearsal")
    file = tmp_path / ".rehearsal/build/load-test/src/storm/timeline.jsonl"
    file.parent.mkdir(parents=True)
    write(file, HEAD)
    began = time.time() - 60
    os.utime(file, (began + 30, began + 30))
    assert view.timeline(str(file), {"started": began, "ended": None}) == file
    assert view.timeline(str(file), {"started": began, "ended": began + 40}) == file
    assert view.timeline(str(file), {"started": began, "ended": began + 20}) is None, "the next build has written it"
    assert view.timeline(str(file), {"started": began + 40, "ended": None}) is None, "a build before has"
    secret, link = tmp_path / "secret", file.with_name("link")
    secret.touch()
    link.symlink_to(secret)
    for path in (secret, link, file.parent, file.with_name("none")):
        assert view.timeline(str(path), {"started": 0.0, "ended": None}) is None, path
