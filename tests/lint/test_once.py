"""A check that has passed on the same files is not run again, and whatever decides it makes it run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lint import once
from lint.linters import ROOT

# Passes where the file says so, and counts how often it was run, outside of the tree.
CHECK = """
import pathlib, sys
count = pathlib.Path(sys.argv[1])
count.write_text(count.read_text() + "x" if count.exists() else "x")
sys.exit(0 if "good" in pathlib.Path("src/page.php").read_text() else 3)
"""


TABLE = """
[tool.once.check]
blind_to = ["src/*.css", "src/*.txt"]
reads = ["src/read.txt", "cdk.out/**/*.template.json"]
"""
# A template that names a commit and three assets, two of them of one content.
TEMPLATE = "{{'Commit': '{0}', 'Images': ['fg:{1}', 'fg:{2}', '{1}.zip']}}"
COMMIT, ONE, OTHER = "0" * 40, "a1" * 32, "b2" * 32


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "src").mkdir(parents=True)
    (root / "cdk.out").mkdir()
    (root / ".gitignore").write_text(".cache/\ncdk.out\n")
    (root / "src/page.php").write_text("good")
    (root / "src/old.php").write_text("old")
    for name in ("style.css", "read.txt", "notes.txt"):
        (root / "src" / name).write_text("old")
    (root / "pyproject.toml").write_text(TABLE)
    (root / "cdk.out/Site.template.json").write_text(TEMPLATE.format(COMMIT, ONE, OTHER))
    return root


@pytest.fixture
def ran(tree: Path) -> Callable[..., tuple[int, int]]:
    """Runs the check once more; returns its exit code, and how often it has really run by now."""
    count = tree.parent / "count"

    def run(*more: str) -> tuple[int, int]:
        command = [sys.executable, "-c", CHECK, str(count), *more]
        return once.run("check", command, tree), len(count.read_text())

    return run


def test_what_has_passed_is_not_run_again(
    ran: Callable[..., tuple[int, int]], capfd: pytest.CaptureFixture[str]
) -> None:
    assert ran() == (0, 1)
    assert capfd.readouterr().out == ""
    assert ran() == (0, 1)
    assert capfd.readouterr().out == "check: passed before on the same files; without .cache/passed it runs again\n"


CHANGES: dict[str, Callable[[Path, pytest.MonkeyPatch], object]] = {
    "a file": lambda tree, _: (tree / "src/page.php").write_text("good, too"),
    "a new file": lambda tree, _: (tree / "src/new.php").touch(),
    "a file that has gone": lambda tree, _: (tree / "src/old.php").unlink(),
    "another name": lambda tree, _: (tree / "src/old.php").rename(tree / "src/older.php"),
    "a file that may be run": lambda tree, _: (tree / "src/page.php").chmod(0o755),
    "what it reads beside the tree": lambda tree, _: (tree / "cdk.out/Site.template.json").write_text("[]"),
    "a template in which two assets have become one": lambda tree, _: (tree / "cdk.out/Site.template.json").write_text(
        TEMPLATE.format(COMMIT, ONE, ONE)
    ),
    "what it reads among what it does not know": lambda tree, _: (tree / "src/read.txt").write_text("new"),
    "the name of a file that it does not know": lambda tree, _: (tree / "src/style.css").rename(tree / "src/new.css"),
    "a file that it does not know and that may be run": lambda tree, _: (tree / "src/style.css").chmod(0o755),
    "what it is said to read": lambda tree, _: (tree / "pyproject.toml").write_text(
        TABLE.replace("src/*.txt", "src/*.md")
    ),
    "a link that leads elsewhere": lambda tree, _: (tree / "src/link").symlink_to("page.php"),
    "what pytest is told": lambda _, patch: patch.setenv("PYTEST_ADDOPTS", "-k nothing"),
    "nothing is remembered": lambda tree, _: (tree / ".cache/passed/check").unlink(),
    "what is remembered is cut off": lambda tree, _: (tree / ".cache/passed/check").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_runs_again_for(
    change: Callable[[Path, pytest.MonkeyPatch], object],
    tree: Path,
    ran: Callable[..., tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ran() == (0, 1)
    change(tree, monkeypatch)
    assert ran() == (0, 2)
    assert ran() == (0, 2)


def test_it_runs_again_with_another_command_and_on_another_day(
    ran: Callable[..., tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran() == (0, 1)
    assert ran("more") == (0, 2)

    class Tomorrow(datetime):
        @classmethod
        def now(cls, _: object = None) -> datetime:  # type: ignore[override]
            return datetime(2099, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(once, "datetime", Tomorrow)
    assert ran("more") == (0, 3)


SAME: dict[str, Callable[[Path], object]] = {
    "what it does not read beside the tree": lambda tree: (tree / "cdk.out/tree.json").write_text("another each time"),
    "the contents of what it does not know": lambda tree: (tree / "src/style.css").write_text("new"),
    "other digests of a commit and of assets": lambda tree: (tree / "cdk.out/Site.template.json").write_text(
        TEMPLATE.format("1" * 40, OTHER, "c3" * 32)
    ),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_it_does_not_run_again_for(
    change: Callable[[Path], object], tree: Path, ran: Callable[..., tuple[int, int]]
) -> None:
    assert ran() == (0, 1)
    change(tree)
    assert ran() == (0, 1)


def test_what_makes_something_beside_its_check_runs_without_the_check(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["sh", "-c", 'echo "validation: ${VALIDATION-on}"; exit ${CODE-0}']
    assert once.run("check", command, tree, {"VALIDATION": "off"}) == 0
    assert capfd.readouterr().out == "validation: on\n"
    assert once.run("check", command, tree, {"VALIDATION": "off"}) == 0
    assert capfd.readouterr().out == (
        "check: passed before on the same files; runs with VALIDATION=off, and in full without .cache/passed\n"
        "validation: off\n"
    )
    assert once.run("check", command, tree, {"VALIDATION": "off", "CODE": "4"}) == 4
    (tree / "src/page.php").write_text("other")
    capfd.readouterr()
    assert once.run("check", command, tree, {"VALIDATION": "off"}) == 0
    assert capfd.readouterr().out == "validation: on\n"


def test_a_check_may_know_what_another_one_knows(tree: Path) -> None:
    (tree / "pyproject.toml").write_text(f'{TABLE}\n[tool.once.other]\nlike = "check"\n')
    assert once.scope(tree, "other") == once.scope(tree, "check")


def test_a_synthesis_is_validated_when_anything_but_the_images_contents_changes() -> None:
    assert once.scope(ROOT, "synth") == once.scope(ROOT, "test-templates")


@pytest.mark.parametrize("text", ["CDK_VALIDATION", "=false"])
def test_what_is_known_is_a_variable(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        once.main(["check", "--known", text, "--", "true"])
    assert f"{text}: give NAME=VALUE" in capsys.readouterr().err


def test_a_failure_is_never_remembered(tree: Path, ran: Callable[..., tuple[int, int]]) -> None:
    assert ran() == (0, 1)
    (tree / "src/page.php").write_text("bad")
    assert ran() == (3, 2)
    assert ran() == (3, 3)
    (tree / "src/page.php").write_text("good")
    assert ran() == (0, 4), "what passed before it failed is forgotten"


def test_files_that_change_while_it_runs_have_not_passed(tree: Path) -> None:
    edit = "import pathlib; file = pathlib.Path('src/page.php'); file.write_text(file.read_text() + '.')"
    assert once.run("check", [sys.executable, "-c", edit], tree) == 0
    assert not (tree / ".cache/passed/check").exists()


def test_one_that_is_killed_is_told_as_a_shell_tells_it(tree: Path) -> None:
    assert once.run("check", ["sh", "-c", "kill -TERM $$"], tree) == 143
    assert not (tree / ".cache/passed/check").exists()


def test_a_pass_is_kept_for_the_build_that_comes_next() -> None:
    buildspec = (ROOT / "buildspec.yml").read_text()
    assert "- .cache/**/*" in buildspec
