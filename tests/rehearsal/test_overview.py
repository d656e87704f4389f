"""What stands, what goes away, and what a person sees meanwhile."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from containers import engine
from rehearsal import overview
from rehearsal.progress import End, Progress, duration, tail
from rehearsal.values.stack import Resource, Stack
from rehearsal.values.state import Deployed, Past, Store, Waiting


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(engine, "running", lambda: None)
    kept = Store(tmp_path / ".rehearsal")
    balancer = Resource("Alb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "arn", {}, {"DNSName": "localhost:8081"})
    stack = Stack("prod", "3", "eu", {"Alb": balancer}, {})
    kept.stands(Deployed.of(stack, {"Resources": {}}, {}, commit="c0ffee1234", at=0.0, generations={}))
    kept.state.history.append(Past(execution=6, commit="c0ffee1234", outcome="promoted", at=0.0))
    kept.state.waiting = Waiting(
        execution=7, identity="i", commit="badcafe567", stage="Prod", action="Approve", variables={}, evidence="  why"
    )
    kept.save()
    return kept


def test_status_tells_what_stands_where_and_what_waits(store: Store, tmp_path: Path) -> None:
    out = io.StringIO()
    overview.status(tmp_path, store, Progress(out, live=False))
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("prod ")
    assert "c0ffee12" in lines[0]
    assert lines[0].endswith("http://localhost:8081")
    assert lines[1:] == [
        "no container engine answers: what stands is not running; `make heal` starts one, and all of it",
        "execution 6: c0ffee12 promoted",
        "execution 7: badcafe5 waits for Prod / Approve",
        "  why",
    ]


def test_status_tells_which_alarms_ring_and_which_nobody_watches(store: Store, tmp_path: Path) -> None:
    states = [
        {"resource": f"1/eu/dev/{name}", "name": name, "state": state, "since": 0.0, "reason": "why"}
        for name, state in (("broken", "ALARM"), ("waiting", "OK"), ("slow", "NOT WATCHED"))
    ]
    (store.folder / "alarms.json").write_text(json.dumps(states))
    (store.folder / "mailbox").mkdir()
    (store.folder / "mailbox" / "1.eml").touch()
    out = io.StringIO()
    overview.status(tmp_path, store, Progress(out, live=False))
    rings, unwatched, mailbox = [line for line in out.getvalue().splitlines() if line.startswith("  ")][:3]
    assert rings.startswith("  alarm     broken rings since ")
    assert unwatched == "  alarm     slow is not watched: why"
    assert mailbox == f"  mailbox   1 message in {store.folder / 'mailbox'}"


def test_down_leaves_nothing_but_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "running", lambda: None)
    folder = tmp_path / ".rehearsal"
    (folder / "build" / "deep").mkdir(parents=True)
    (folder / "lock").touch()
    overview.down(tmp_path, folder, Progress(io.StringIO(), live=False))
    assert [path.name for path in folder.iterdir()] == ["lock"]


def test_an_action_is_one_line_in_a_log(tmp_path: Path) -> None:
    out = io.StringIO()
    with Progress(out, live=False).action("Dev / Gate", tmp_path / "log") as running:
        running.say("working")
        running.end(End.SUCCEEDED, "p95 12 ms")
    [line] = out.getvalue().splitlines()
    assert line.split() == ["✔", "Dev", "/", "Gate", "succeeded", "0.0", "s", "p95", "12", "ms"]
    assert (tmp_path / "log").read_text() == "working\n"


def test_an_action_is_live_in_a_terminal(tmp_path: Path) -> None:
    out = io.StringIO()
    with Progress(out, live=True).action("Dev / Gate", tmp_path / "log") as running:
        running.say("working")
        deadline = time.monotonic() + 20
        while "working" not in out.getvalue():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.end(End.FAILED, "why")
    live, _, last = out.getvalue().rpartition("\r\x1b[2K")
    assert live.startswith("▶ Dev / Gate")
    assert last.startswith("✘ Dev / Gate")


def test_an_interrupted_action_says_so(tmp_path: Path) -> None:
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Progress(out, live=False).action("Dev / Gate", tmp_path / "log"):
        raise KeyboardInterrupt
    assert "stopped" in out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (60, "1 min 00 s"), (185.4, "3 min 05 s")]
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_tail_of_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none") == []
