"""The clock's process: scheduled builds, and a stack that it cannot keep beside one that it keeps."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.checkout import Context
from containers.file_lock import is_held
from rehearsal.fargate.desired.timetable import Timetable
from rehearsal.fargate.stand.build_watch import Builds
from rehearsal.fargate.stand.clock_orders import faults, fires, ordered
from rehearsal.fargate.stand.stack_clock import order_builds, stop_clocks
from rehearsal.values import rehearsed_time
from tests.rehearsal.fargate.waiting import eventually

WITHIN = 20.0  # seconds


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A checkout whose clock shows New Year's Eve; at the end its clock ends."""
    made = Context(tmp_path, ("docker",), {}, print, lambda *_: "")
    rehearsed_time.put(made.state, rehearsed_time.moment("2099-12-31 23:58:30 UTC", 0), 60)
    yield made
    stop_clocks(made)
    assert not is_held(made.state / "clocks" / "lock")


def builds(checkout: Path, program: str, expression: str) -> Builds:
    """Return a scheduled build that is a program of Python."""
    return Builds((("pipeline/Night", Timetable(expression)),), (sys.executable, "-c", program, str(checkout)))


def log(context: Context) -> str:
    """Return what the clock said of scheduled builds."""
    file = context.state / "logs" / "clock-builds.log"
    return file.read_text() if file.exists() else ""


def test_a_scheduled_build_starts_by_the_clock_and_once(context: Context) -> None:
    program = "import pathlib, sys; print('PASS'); pathlib.Path(sys.argv[1], 'ran').open('a').write('x')"
    order_builds(context, builds(context.checkout, program, "cron(0 0 1 1 ? *)"))
    assert [(each.name, each.when, each.lives) for each in ordered(context)] == [
        ("pipeline/Night", "at cron(0 0 1 1 ? *) of UTC", True)
    ]
    eventually(lambda: "the scheduled build ended with 0: PASS" in log(context), "the year begins", WITHIN)
    time.sleep(1.5)
    assert (context.checkout / "ran").read_text() == "x"


def test_a_build_that_is_still_running_keeps_the_next_one_from_starting(context: Context) -> None:
    order_builds(context, builds(context.checkout, "import time; time.sleep(2.5)", "cron(* * * * ? *)"))
    eventually(
        lambda: "skipped, the build that was started before has not ended" in log(context), "the next minute", WITHIN
    )
    assert log(context).count("its build was started") == 1


def test_a_moment_that_the_clock_is_moved_past_starts_nothing(context: Context) -> None:
    order_builds(context, builds(context.checkout, "print('late')", "cron(0 0 1 1 ? *)"))
    rehearsed_time.put(context.state, rehearsed_time.moment("2100-01-01 00:00:30 UTC", 0), 1)
    time.sleep(1.0)
    assert "was started" not in log(context)


def test_a_stack_that_cannot_be_kept_is_told_and_keeps_no_other_down(context: Context) -> None:
    broken = context.state / "clocks" / "broken"
    broken.mkdir(parents=True)
    (broken / "plan").write_bytes(b"no plan")
    (broken / "order").write_text(json.dumps({"token": "t", "schedules": [
        {"resource": "1/eu/dev/Cron", "name": "dev/Cron", "when": "every 60 s"}
    ]}))  # fmt: skip
    order_builds(context, builds(context.checkout, "print('PASS')", "cron(0 0 1 1 ? *)"))
    eventually(lambda: "the scheduled build ended with 0" in log(context), "the other one is kept", WITHIN)
    [fault] = faults(context.state)
    assert fault.startswith("the clock cannot keep broken, and tries again: UnpicklingError: ")
    assert {each.name: each.lives for each in ordered(context)} == {"dev/Cron": False, "pipeline/Night": True}


def test_what_needs_no_clock_is_told_beside_it(context: Context) -> None:
    notices = (("pipeline: the way into Prod closes", Timetable("at(2099-12-01T09:00:00)", "Europe/Berlin")),)
    order_builds(context, builds(context.checkout, "print('PASS')", "cron(0 0 1 1 ? *)"), notices)
    assert list(fires(context.state)) == [
        ("pipeline/Night", "cron(0 0 1 1 ? *)", "UTC"),
        ("pipeline: the way into Prod closes", "at(2099-12-01T09:00:00)", "Europe/Berlin"),
    ]
    assert [each.name for each in ordered(context)] == ["pipeline/Night"]


def test_an_unchanged_order_is_kept_and_none_ends_the_process(context: Context) -> None:
    wanted = builds(context.checkout, "print('PASS')", "cron(0 0 1 1 ? *)")
    order_builds(context, wanted)
    lock = context.state / "clocks" / "lock"
    process = lock.read_text()
    order_builds(context, wanted)
    assert lock.read_text() == process
    order_builds(context, None)
    eventually(lambda: not is_held(lock), "with nothing to keep it ends", WITHIN)
