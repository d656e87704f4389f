"""What the doctor says of a machine: of this one, and of one that has nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from containers import doctor
from containers.doctor import Finding

ROOT = Path(__file__).parents[2]
NOTHING = "http://127.0.0.1:9/simple"  # nobody listens on the port of discard


def examined(folder: Path, *, path: str) -> subprocess.CompletedProcess[str]:
    """Run it as before the set-up: isolated from what this Python has installed, in an empty folder."""
    environment = {
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        "FLOODGATE_ENGINE": str(folder / "no-engine"),
        "PIP_INDEX_URL": NOTHING,
        "PORTS": os.environ.get("PORTS", ""),
    }
    command = [sys.executable, "-S", "-m", "containers.doctor"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_machine_that_has_nothing_is_told_what_to_install(tmp_path: Path) -> None:
    done = examined(tmp_path, path=str(tmp_path))
    assert (done.returncode, done.stderr) == (2, "")
    for words in (
        "✘ Python             none",
        "install Python 3.11 to 3.14, or name one",
        "✘ git                none",
        "✘ container engine   none answers",
        "start the engine that FLOODGATE_ENGINE names, or unset the variable",
        "✘ PyPI               does not answer",
        "• Chromium           none",
    ):
        assert words in done.stdout, done.stdout
    assert done.stdout.splitlines()[-1].endswith(" missing")


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    done = examined(tmp_path, path=os.environ["PATH"])
    assert done.stderr == ""
    assert "✔ git" in done.stdout


@pytest.mark.parametrize(
    ("finding", "mark", "lines"),
    [
        pytest.param(Finding("git", "/usr/bin/git"), "✔", 1, id="as it should be"),
        pytest.param(Finding("git", "none", "install git"), "✘", 2, id="missing"),
        pytest.param(Finding("ports", "8080 taken", "choose", needed=False), "•", 2, id="worth knowing"),
    ],
)
def test_a_finding_says_what_to_do(finding: Finding, mark: str, lines: int) -> None:
    text = str(finding).splitlines()
    assert (text[0][0], len(text)) == (mark, lines)
    assert text[-1].endswith(finding.advice or finding.found)


@pytest.mark.parametrize(
    ("ports", "words"),
    [pytest.param("9x", "9x is no port", id="no number"), pytest.param("70000", "no port", id="too large")],
)
def test_ports_that_are_none_are_told(monkeypatch: pytest.MonkeyPatch, ports: str, words: str) -> None:
    monkeypatch.setenv("PORTS", ports)
    [finding] = doctor._ports()
    assert words in finding.advice


def test_the_pythons_are_those_of_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    (major, first), (_, last) = doctor.PYTHONS
    assert f'requires-python = ">={major}.{first},<{major}.{last + 1}"' in text
