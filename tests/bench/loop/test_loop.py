"""The benchmark of the loop, over a small repository whose commands are quick."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bench.loop.__main__ import main
from bench.loop.trees import Cost, Tree
from bench.loop.turns import render

MAKEFILE = "setup down:\n\ntest:\n\t@echo tested\n"
MORE = "check:\n\t@echo checked\nrehearse:\n\t@echo $(APPROVE) >>../rehearsed; git log -1 --format=%s >>../rehearsed\n"
PLUGIN = "src/wordpress/mu-plugins/floodgate.php"


def commit(folder: Path, makefile: str) -> str:
    (folder / "Makefile").write_text(makefile)
    for words in (
        ("add", "--all"),
        ("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "A commit"),
    ):
        subprocess.run(["git", "-C", folder, *words], check=True)
    done = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit, and an output folder of its own."""
    made = tmp_path / "repository"
    (made / PLUGIN).parent.mkdir(parents=True)
    (made / PLUGIN).write_text("<?php\n")
    subprocess.run(["git", "init", "--quiet", made], check=True)
    monkeypatch.setattr("bench.loop.__main__.OUTPUT", tmp_path / "out")
    monkeypatch.setattr("bench.common.command_line.OUTPUT", tmp_path / "out")
    return made


def rows(page: str) -> dict[str, list[str]]:
    """Return the table that was printed: its cells by the first of each line."""
    found = [re.split(r" \| ", line.strip("| ")) for line in page.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in found}


def test_what_both_have_is_compared_and_what_one_lacks_is_not(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = commit(repository, MAKEFILE)
    today = commit(repository, MAKEFILE + MORE)
    assert main([base, "--turns", "2"], repository) == 0
    printed = rows(capsys.readouterr().out)
    assert printed["seconds"] == [base[:8], f"{today[:8]} (today)", "ratio"]
    assert all("to" in cell for cell in printed["make test"])
    assert printed["make check"][0] == printed["make check"][2] == "-"
    assert "to" in printed["make check"][1]
    assert {"make rehearse, again", "make test: processor"} <= set(printed)


def test_a_rehearsal_is_timed_from_a_changed_commit_on_and_nothing_is_left(repository: Path, tmp_path: Path) -> None:
    base = commit(repository, MAKEFILE + MORE)
    commit(repository, MAKEFILE + MORE + "# today's\n")
    assert main([base, "--only", "rehearse", "--turns", "1"], repository) == 0
    order = (tmp_path / "out/loop/rehearsed").read_text().splitlines()
    assert order == ["yes", "A commit"] * 2 + ["yes", "One more line"] * 2
    left = subprocess.run(["git", "-C", repository, "worktree", "list"], check=True, capture_output=True, text=True)
    assert left.stdout.count("\n") == 1


def test_a_command_that_fails_is_no_measurement(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = commit(repository, MAKEFILE)
    commit(repository, MAKEFILE.replace("echo tested", "exit 3"))
    assert main([base, "--only", "test", "--turns", "1"], repository) == 2
    output = capsys.readouterr()
    assert re.search(r"`make test` of \w{8} ended with exit status 2: \S+/today-test.log", output.err)
    assert "| make test" not in output.out


def test_no_commit_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(repository, MAKEFILE)
    assert main(["nowhere"], repository) == 2
    assert "nowhere is no commit of" in capsys.readouterr().err


def test_the_ratio_is_taken_turn_by_turn() -> None:
    """What slows a whole turn cancels out."""
    base, today = Tree("aaaa", Path("base")), Tree("bbbb", Path("today"))
    taken = {"test": {"base": [Cost(10, 4), Cost(40, 4)], "today": [Cost(5, 1), Cost(20, 1)]}}
    assert rows("\n".join(render(base, today, taken)))["make test"] == [
        "25.0 (10.0 to 40.0)", "12.5 (5.0 to 20.0)", "0.50 (0.50 to 0.50)",
    ]  # fmt: skip
