"""What stands, what goes away, and what a person sees meanwhile."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import pytest

from containers import engine
from containers.file_lock import file_lock, sign
from rehearsal import overview
from rehearsal.fargate.stand.scaling_state import Activity, Scaled, changing
from rehearsal.progress import End, Progress, duration, tail
from rehearsal.time_setting import set_clock
from rehearsal.values import rehearsed_time
from rehearsal.values.execution_record import ActionRecord, ExecutionRecord
from rehearsal.values.exits import Refused
from rehearsal.values.stack import Resource, Stack
from rehearsal.values.state import Deployed, Past, Store, UnderWay, Waiting

# No process can have this number.
ENDED = 4194305


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(engine, "running", lambda: None)
    kept = Store(tmp_path / ".rehearsal")
    balancer = Resource("Alb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "arn", {}, {"DNSName": "localhost:8081"})
    stack = Stack("prod", "3", "eu", {"Alb": balancer}, {})
    kept.stands(Deployed.of(stack, {"Resources": {}}, {}, commit="c0ffee1234", at=0.0, generations={}))
    kept.state.history.append(Past(execution=6, commit="c0ffee1234", outcome="promoted", at=0.0))
    kept.state.waiting = Waiting(
        execution=7,
        identity="i",
        commit="badcafe567",
        stage="Approval",
        action="Approve",
        variables={},
        evidence="  why",
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
        "execution 7: badcafe5 waits for Approval / Approve",
        "  why",
    ]


@pytest.mark.parametrize(
    ("holder", "beginner", "line"),
    [
        pytest.param(os.getpid(), os.getpid(), "execution 7: badcafe5 is at Dev / LoadTest", id="it runs"),
        pytest.param(ENDED, ENDED, "execution 7: badcafe5 was broken off at Dev / LoadTest", id="it was killed"),
        pytest.param(
            os.getpid(),
            ENDED,
            "execution 7: badcafe5 was broken off at Dev / LoadTest",
            id="another one runs since",
        ),
    ],
)
def test_status_knows_whether_what_is_under_way_runs(
    store: Store, tmp_path: Path, holder: int, beginner: int, line: str
) -> None:
    action = ActionRecord(stage="Dev", name="LoadTest", log="1.log")
    record = ExecutionRecord(
        execution=7, commit="badcafe567", subject="s", author="a", branch="main", started=0.0, actions=[action]
    )
    record.action_begins(0)
    record.process = beginner
    store.keep_record(record)
    store.state.waiting = None
    store.state.under_way = UnderWay(execution=7, commit="badcafe567", action="Dev / LoadTest")
    out = io.StringIO()
    with file_lock(store.folder / "lock") as file:
        sign(file, holder)
        overview.status(tmp_path, store, Progress(out, live=False))
    assert line in out.getvalue().splitlines()


def test_status_sends_nobody_away_from_a_first_run_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "running", lambda: None)
    store = Store(tmp_path / ".rehearsal")
    store.save()
    lines = []
    for process in (os.getpid(), ENDED):
        out = io.StringIO()
        with file_lock(store.folder / "lock") as file:
            sign(file, process)
            overview.status(tmp_path, store, Progress(out, live=False))
        lines += out.getvalue().splitlines()
    assert lines == [
        "nothing stands yet",
        f"process {os.getpid()} is at work here",
        "nothing stands: `make rehearse` deploys",
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


def test_status_tells_how_many_tasks_there_are_and_why_not_more(store: Store, tmp_path: Path) -> None:
    service = "1/eu/prod/Service0123ABCD"
    with changing(store.folder) as kept:
        kept.services[service] = Scaled(
            service, "1/eu/prod/Count", 3, None, "r", 0.0, 2, 20, "9 tasks are wanted", (("queue", "not measured"),)
        )
        kept.note(Activity(0.0, service, 2, 3, "requests: 200 is above its target of 100", "done"))
    rehearsed_time.put(store.folder, 0.0, 10)
    out = io.StringIO()
    overview.status(tmp_path, store, Progress(out, live=False))
    clock, *scaling = out.getvalue().splitlines()[1:5]
    assert ", 10 times as fast as the machine's: `make clock AT=now` sets it to the machine's time" in clock
    assert scaling[:2] == [
        "  scaling   prod/Service: 3 tasks, 2 to 20; 9 tasks are wanted",
        "  scaling   the policy queue changes nothing: not measured",
    ]
    assert scaling[2].endswith("prod/Service: 2 -> 3, requests: 200 is above its target of 100; done")


def test_the_clock_is_set_and_tells_what_comes(store: Store) -> None:
    order = store.folder / "clocks" / "prod"
    order.mkdir(parents=True)
    fires = [{"name": "prod/Window", "expression": "cron(0 10 1 12 ? 2099)", "zone": "Europe/Berlin"}]
    (order / "order").write_text(json.dumps({"fires": fires}))
    out = io.StringIO()
    set_clock(store.folder, Progress(out, live=False), "2099-12-01 09:55 Europe/Berlin", 5)
    [clock, coming] = out.getvalue().splitlines()
    assert ", 5 times as fast as the machine's" in clock
    assert coming.endswith("  prod/Window: cron(0 10 1 12 ? 2099) of Europe/Berlin")
    set_clock(store.folder, Progress(io.StringIO(), live=False), None, 2)
    assert rehearsed_time.setting(store.folder).speed == 2
    assert rehearsed_time.now(store.folder) > rehearsed_time.moment("2099-12-01 09:55 Europe/Berlin", 0) - 1
    with pytest.raises(Refused, match="AT: 'noon' is no moment"):
        set_clock(store.folder, Progress(io.StringIO(), live=False), "noon", None)
    set_clock(store.folder, Progress(io.StringIO(), live=False), "now", None)
    assert rehearsed_time.setting(store.folder) == rehearsed_time.MACHINE


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
    *before, seconds, unit, figure, number, milliseconds = line.split()
    assert before == ["✔", "Dev", "/", "Gate", "succeeded"]
    assert (float(seconds) >= 0, unit) == (True, "s")
    assert [figure, number, milliseconds] == ["p95", "12", "ms"]
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
