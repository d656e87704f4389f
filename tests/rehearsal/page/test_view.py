"""What a page shows of the files that a rehearsal leaves, at any moment of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rehearsal.page.log_reader import SHOWN, LogReader
from rehearsal.page.view import View, plain
from rehearsal.values.execution_record import ActionRecord, ExecutionRecord
from tests.rehearsal.page.recorded import APPROVE, COMMIT, LIVE_LINE, LOAD_TEST, Recorded


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)


def shown(recorded: Recorded, wanted: int | None = None) -> dict[str, Any]:
    return View(recorded.folder).read(wanted)


def statuses(state: dict[str, Any]) -> list[str]:
    return [str(action["status"]) for action in state["execution"]["actions"]]


def test_a_checkout_that_never_rehearsed_shows_so(tmp_path: Path) -> None:
    state = View(tmp_path / ".rehearsal").read(None)
    assert (state["execution"], state["waiting"], state["rehearses"], state["history"]) == (None, None, False, [])


def test_while_it_runs_the_last_line_of_its_log_is_live(recorded: Recorded) -> None:
    recorded.runs()
    state = shown(recorded)
    assert statuses(state) == [*["succeeded"] * LOAD_TEST, "running", *["pending"] * 4]
    assert state["execution"]["actions"][LOAD_TEST]["figure"] == LIVE_LINE.strip()


def test_after_a_kill_it_is_broken_off(recorded: Recorded) -> None:
    recorded.runs(alive=False)
    state = shown(recorded)
    assert statuses(state)[LOAD_TEST] == "stopped"
    assert (state["rehearses"], state["execution"]["outcome"]) == (False, "broken off")


def test_what_was_killed_does_not_run_because_another_command_does(recorded: Recorded) -> None:
    record = recorded.runs()
    record.process = 4194305
    recorded.store.keep_record(record)
    state = shown(recorded)
    assert statuses(state)[LOAD_TEST] == "stopped"
    assert (state["rehearses"], state["execution"]["outcome"]) == (True, "broken off")


def test_what_waits_shows_its_evidence_and_no_file_beside_it(recorded: Recorded) -> None:
    recorded.waits()
    state = shown(recorded)
    action = state["execution"]["actions"][APPROVE]
    assert (action["status"], action["reports"]) == ("waits", ["report.html"])
    assert state["waiting"] == {"execution": 7, "commit": COMMIT, "stage": "Approval", "action": "Approve"}
    view = View(recorded.folder)
    assert [view.report(7, APPROVE, place) is not None for place in (-1, 0, 1, 2)] == [False, True, False, False]
    assert view.report(7, 99, 0) is view.report(8, APPROVE, 0) is view.log(7, 99) is view.log(8, 0) is None


def test_a_failed_storm_leads_to_its_report(recorded: Recorded) -> None:
    recorded.failed()
    state = shown(recorded)
    assert state["execution"]["actions"][LOAD_TEST]["reports"] == ["report.html"]
    assert state["execution"]["outcome"] == "failed at Dev / LoadTest"
    assert View(recorded.folder).report(7, LOAD_TEST, 0) == recorded.folder / "s3/evidence/failed/report.html"


def test_a_record_that_names_a_log_elsewhere_does_not_lead_there(recorded: Recorded) -> None:
    recorded.runs()
    action = ActionRecord(stage="A", name="B", log="../../secrets.json")
    record = ExecutionRecord(
        execution=8, commit="c", subject="s", author="a", branch="b", started=0.0, actions=[action]
    )
    recorded.store.keep_record(record)
    assert View(recorded.folder).log(8, 0) == recorded.folder / "executions/8/secrets.json"


def test_what_stands_is_where_it_is(recorded: Recorded) -> None:
    recorded.runs()
    recorded.stands()
    state = shown(recorded)
    assert [(each["name"], each["sites"]) for each in state["standing"]] == [
        ("floodgate-dev-wordpress", ["http://localhost:8080"]),
        ("floodgate-prod-wordpress", ["http://localhost:8081"]),
    ]
    assert [past["execution"] for past in state["history"]] == [6, 5, 4, 3, 2]


def test_a_state_that_cannot_be_read_is_said(recorded: Recorded) -> None:
    recorded.runs()
    (recorded.folder / "state.json").write_text("half a sta")
    assert "cannot be read" in shown(recorded)["fault"]


@pytest.mark.parametrize(
    ("text", "plainly"),
    [
        pytest.param("\x1b[1;32mgreen\x1b[0m", "green", id="colours"),
        pytest.param("\x1b]0;a title\x07text", "text", id="a title"),
        pytest.param("10 %\r50 %\r100 %\n", "100 %\n", id="a line that was rewritten"),
        pytest.param("one\r\ntwo\r\n", "one\ntwo\n", id="line ends of Windows"),
        pytest.param("a\tb\x00\x08c", "a\tbc", id="control characters"),
    ],
)
def test_a_log_is_shown_without_what_a_terminal_understands(text: str, plainly: str) -> None:
    assert plain(text) == plainly


def test_a_log_is_read_as_it_grows_in_whole_lines_and_characters(tmp_path: Path) -> None:
    file = tmp_path / "log"
    reader = LogReader(file)
    assert reader.read() == ""
    with file.open("ab", buffering=0) as stream:
        stream.write("one\ntwö".encode()[:-1])
        assert reader.read() == "one\n"
        stream.write("ö".encode()[1:] + b"\n\nthr")
        assert reader.read() == "twö\n\n"
        assert reader.read(over=True) == "thr"
        assert reader.read(over=True) == ""
    file.write_text("new\n")
    assert reader.read() == "new\n"


def test_of_a_long_log_the_end_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("x" * SHOWN + "\nlast\n")
    reader = LogReader(file)
    assert reader.read().splitlines()[-1] == "last"
