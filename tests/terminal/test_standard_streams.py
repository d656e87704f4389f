"""Commands whose reader leaves, as ``| head -1`` does, or whose output goes to a disk that is full."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LISTINGS = [
    pytest.param(("rehearsal", "status"), marks=pytest.mark.engine, id="what stands"),
    pytest.param(("rehearsal", "clock"), id="the clock"),
    pytest.param(("promotion", "cost"), id="costs"),
    pytest.param(("promotion", "capacity", "--people", "2000"), id="capacity"),
    pytest.param(("supply_chain", "secrets"), id="secrets"),
    pytest.param(("loadtest", "schema", "record"), id="a schema"),
]


def unread(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run Python while nobody reads what it prints; its exit code, and what it says of errors."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        return process.wait(60), errors


@pytest.mark.parametrize("words", LISTINGS)
def test_a_listing_that_nobody_reads_to_its_end_is_done(words: tuple[str, ...]) -> None:
    code, errors = unread("-u", "-m", *words)
    assert code == 0, errors
    assert "Traceback" not in errors and "fault" not in errors


@pytest.mark.parametrize("words", LISTINGS[2:4])
def test_what_could_not_be_written_is_told(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert f"{words[0]}: what it says could not be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_is_looked_through_though_nobody_listens_any_more(tmp_path: Path) -> None:
    """Its exit code is that of what it finds, which depends on the machine."""
    environment = {
        "PATH": str(tmp_path),
        "FLOODGATE_ENGINE": str(tmp_path / "none"),
        "PIP_INDEX_URL": "http://[::1]:9/",
    }
    assert unread("-m", "containers.doctor", environment=environment) == (2, "")


def test_a_command_that_is_interrupted_says_so_in_a_line() -> None:
    script = """
import signal, sys
from terminal.standard_streams import run
sys.exit(run("doctor", lambda: signal.raise_signal(signal.SIGINT) or 0))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "doctor: interrupted\n")
