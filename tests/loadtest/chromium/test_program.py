"""Whether there is a browser, and what a storm does where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loadtest.chromium import program
from loadtest.chromium.program import Absent, plan


@pytest.fixture
def chromium(tmp_path: Path) -> dict[str, str]:
    """An environment in which a program called chromium is found; nothing starts it."""
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    return {"PATH": str(tmp_path)}


def test_where_chromium_is_two_browsers_come(chromium: dict[str, str]) -> None:
    found = plan(None, chromium)
    assert (found.browsers, found.absent) == (program.USUAL, "")
    assert found.program is not None
    assert found.program.chromium == f"{chromium['PATH']}/chromium"
    assert plan(3, chromium).browsers == 3


def test_where_it_is_not_none_come_and_the_reason_is_told(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path)}
    assert plan(None, environment).absent == "Chromium was not found"
    assert plan(None, {**environment, "CHROMIUM": "chrome"}).absent == (
        "CHROMIUM names 'chrome', and there is no such program"
    )
    assert plan(0, environment).absent == "none was asked for"
    with pytest.raises(Absent, match="Chromium was not found"):
        plan(2, environment)


def test_a_source_that_has_lost_who_may_execute_what_starts_it(tmp_path: Path) -> None:
    """As a build of the pipeline has it."""
    (tmp_path / "program").write_text("#!/bin/sh\necho started\n")
    (tmp_path / "program").chmod(0o644)
    started = subprocess.run([program.steady(tmp_path / "program")], capture_output=True, text=True, check=True)
    assert started.stdout == "started\n"
    assert program.steady().name == "steady_chromium.py"


def test_a_driver_that_does_not_start_is_no_browser(chromium: dict[str, str]) -> None:
    assert plan(None, {**chromium, "PLAYWRIGHT_NODEJS_PATH": "/bin/false"}).absent.startswith(
        "Playwright's Node does not start"
    )


def test_a_process_that_ends_before_its_order_is_a_fault_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loadtest.chromium.messages import Order  # Gevent comes with the process, and to no other test
    from loadtest.generator.chromium_process import ChromiumProcess

    monkeypatch.setattr(sys, "executable", "/bin/false")
    place = tmp_path / "browsers"
    place.mkdir()
    monkeypatch.setattr("loadtest.generator.chromium_process._place", lambda: str(place))
    browsers = ChromiumProcess(
        program.Program("/bin/false", None), 1, 60.0, key=None, log_file=tmp_path / "storm.log", on_news=lambda _: None
    )
    assert len(list(place.iterdir())) == 1
    browsers._process.wait(timeout=60)
    browsers.order(Order("http://localhost/", 0.0, {}, 0, "{number}", [{}]))
    browsers._listener.join(timeout=60)
    assert browsers.fault() == "their process ended with exit code 1, see storm.log"
    browsers.end()
    assert not list(place.iterdir())


def test_a_storm_that_cannot_have_what_was_asked_for_does_not_begin(
    command: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    arguments = ["--host", "http://localhost:1", "--token", "t", "--out", str(tmp_path / "out")]
    with command("run", *arguments, "--browsers", "2", CHROMIUM="no-such-browser") as storm:
        _, errors = storm.communicate(timeout=60)
    assert storm.returncode == 2
    assert "--browsers (STORM_BROWSERS): CHROMIUM names 'no-such-browser', and there is no such program" in errors
    assert not (tmp_path / "out").exists()
