"""What git runs before a commit is what ``make lint`` runs, and a message that says too little is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from pre_commit.languages import pygrep

ROOT = Path(__file__).parents[2]
CONFIG = ".pre-commit-config.yaml"
PRE_COMMIT = ROOT / ".venv/bin/pre-commit"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the hooks installed, whose ``make lint`` refuses what holds the word wrong."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / CONFIG, folder)
    (folder / "Makefile").write_text("lint:\n\t@! grep --line-number wrong page.txt\n")
    for words in (
        ["git", "init", "--quiet"],
        ["git", "config", "user.name", "A. Maintainer"],
        ["git", "config", "user.email", "maintainer@example.com"],
        ["git", "add", "--all"],
        [str(PRE_COMMIT), "install"],
    ):
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder


def commit(checkout: Path, message: str) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "add", "--all"], cwd=checkout, check=True)
    return subprocess.run(
        ["git", "commit", "--message", message], cwd=checkout, capture_output=True, text=True, check=False
    )


def test_files_are_checked_by_make_lint_alone() -> None:
    [repository] = yaml.safe_load((ROOT / CONFIG).read_text())["repos"]
    assert repository["repo"] == "local", "a hook of another repository is a version that no lock holds"
    on_files = [hook for hook in repository["hooks"] if "stages" not in hook]
    assert [(hook["entry"], hook["always_run"], hook["pass_filenames"]) for hook in on_files] == [
        ("make lint", True, False)
    ]


def test_what_make_lint_refuses_is_not_committed(checkout: Path) -> None:
    (checkout / "page.txt").write_text("wrong\n")
    refused = commit(checkout, "A page\n\nPeople asked for one.")
    assert refused.returncode == 1
    assert "1:wrong" in refused.stderr
    (checkout / "page.txt").write_text("right\n")
    assert commit(checkout, "A page").returncode == 1, "its message says too little"
    taken = commit(checkout, "A page\n\nPeople asked for one.")
    assert taken.returncode == 0, taken.stderr


@pytest.mark.parametrize(
    ("message", "taken"),
    [
        pytest.param(f"{'a' * 72}\n\nSomebody asked.", True, id="a subject of 72 characters and a body"),
        pytest.param(f"{'a' * 73}\n\nSomebody asked.", False, id="a subject of 73 characters"),
        pytest.param(f"{'ä' * 72}\n\nSomebody asked.", True, id="characters, not bytes"),
        pytest.param("A page", False, id="no body"),
        pytest.param("A page\n\n", False, id="an empty body"),
        pytest.param("A page\nSomebody asked.", False, id="no empty line"),
        pytest.param("Merge branch 'site'", True, id="a merge"),
        pytest.param('Revert "A page"\n\nThis reverts commit 0123.', True, id="a revert"),
    ],
)
def test_message_has_a_short_subject_and_says_why(message: str, taken: bool, tmp_path: Path) -> None:
    """That git asks the hook is seen above; here its own program is asked, without two processes for each message."""
    [repository] = yaml.safe_load((ROOT / CONFIG).read_text())["repos"]
    [hook] = [each for each in repository["hooks"] if each["id"] == "message"]
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(f"{message}\n")
    assert (pygrep.main([*hook["args"], hook["entry"], str(file)]) == 0) == taken
