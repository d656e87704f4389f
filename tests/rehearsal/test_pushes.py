"""Whose turn it is: the newest push goes, when nobody else rehearses."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.lock import holder, locked
from rehearsal.pushes import Push, Pushes
from rehearsal.values.exits import DONE, SUPERSEDED


def push(number: int) -> Push:
    return Push(number=number, commit=f"{number}" * 40, branch="main", at=0.0)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Waiter:
    """A push that waits for its turn in a thread of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self.code: int | None = None
        self.lines: list[str] = []
        self.ran_after: list[int] | None = None
        self._thread = threading.Thread(target=self._wait, args=(Pushes(folder), push(number)), daemon=True)
        self._thread.start()
        until(lambda: self.code is not None or self.lines)

    def _wait(self, pushes: Pushes, pushed: Push) -> None:
        def run(superseded: list[Push]) -> int:
            self.ran_after = [older.number for older in superseded]
            return DONE

        self.code = pushes.in_turn(pushed, self.lines.append, run)

    def ends(self) -> int | None:
        self._thread.join(20)
        return self.code


def test_of_those_that_wait_the_newest_goes(tmp_path: Path) -> None:
    pushes = Pushes(tmp_path)
    assert [pushes.new() for _ in range(4)] == [1, 2, 3, 4]
    with locked(tmp_path / "lock"):
        first = Waiter(tmp_path, 1)
        assert first.lines == [f"process {os.getpid()} rehearses now: this push goes on as soon as its stage has ended"]
        third = Waiter(tmp_path, 3)
        late = Waiter(tmp_path, 2)
        assert (first.ends(), late.ends()) == (SUPERSEDED, SUPERSEDED)
        assert third.code is None
        assert pushes.waiting() == push(3)
    assert third.ends() == DONE
    assert third.ran_after == [1, 2]
    assert pushes.waiting() is None


def test_a_push_whose_process_was_killed_waits_no_more(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.rehearsal.test_pushes import push, Pushes; "
        "Pushes(Path(sys.argv[1])).in_turn(push(1), print, lambda older: 0)"
    )
    pushes = Pushes(tmp_path)
    pushes.new()
    with locked(tmp_path / "lock"):
        process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.DEVNULL)
        until(pushes.waiting)
        process.kill()
        process.wait()
        assert pushes.waiting() is None
    second = Waiter(tmp_path, 2)
    assert second.ends() == DONE
    assert second.ran_after == [1]


def test_what_waited_ends_when_all_of_it_is_removed(tmp_path: Path) -> None:
    pushes = Pushes(tmp_path)
    pushes.new()
    with locked(tmp_path / "lock"):
        waiter = Waiter(tmp_path, 1)
        (tmp_path / "pushes" / "inbox.json").unlink()
        assert waiter.ends() == SUPERSEDED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("4194305", id="a number that no process can have"),
        pytest.param(str(os.getpid()), id="a number that another process has by now"),
        pytest.param("", id="not signed yet"),
        pytest.param("unknown", id="no number"),
    ],
)
def test_who_holds_a_lock_is_read_without_trying_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").write_text(text)
    assert holder(tmp_path / "lock") is None
    assert holder(tmp_path / "none") is None


@pytest.mark.parametrize(
    "moment", [pytest.param(1_000_000, id="the clock was set ahead"), pytest.param(4_000_000_000, id="it was set back")]
)
def test_a_process_holds_its_lock_whatever_becomes_of_the_clock(tmp_path: Path, moment: int) -> None:
    lock = tmp_path / "lock"
    with locked(lock):
        os.utime(lock, (moment, moment))
        assert holder(lock) == os.getpid()
        assert holder(Path(os.path.relpath(lock))) == os.getpid()
    assert holder(lock) is None


def test_a_process_that_has_ended_holds_nothing_while_nobody_has_waited_for_it(tmp_path: Path) -> None:
    program = "import os, sys, time; file = open(sys.argv[1], 'w'); print(os.getpid(), file=file, flush=True); input()"
    lock = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", program, lock], stdin=subprocess.PIPE) as process:
        until(lambda: lock.exists() and holder(lock) == process.pid)
        process.kill()
        until(lambda: holder(lock) is None)
