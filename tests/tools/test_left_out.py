"""``make check`` leaves out what has passed on the same files, and that alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = """
[tool.once.test-loadtest]
blind_to = ["*"]
reads = ["tests/loadtest/*", "loadtest/*"]

[tool.pytest.ini_options]
testpaths = ["tests"]
markers = ["engine: x"]
"""
LEFT = "tests/loadtest: passed before on the same files"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name, text in {
        "pyproject.toml": TABLE,
        "docs/page.md": "old",
        "loadtest/limits.toml": "old",
        "tests/loadtest/test_storm.py": "def test_storm():\n    pass\n",
        "tests/site/test_site.py": "def test_site():\n    pass\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / ".gitignore").write_text(".cache/\n__pycache__/\n")
    return root


@pytest.fixture
def checked(tree: Path) -> Callable[..., tuple[str, str]]:
    """Runs the tests once more; returns the last line of pytest's, and all that it printed."""

    def run(*more: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "--once", *more],
            cwd=tree,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return (done.stdout.splitlines() or [""])[-1].partition(" in ")[0], done.stdout + done.stderr

    return run


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["one process", "two workers"])
def test_what_has_passed_is_left_out_and_said(
    checked: Callable[..., tuple[str, str]], workers: tuple[str, ...]
) -> None:
    assert checked(*workers)[0] == "2 passed"
    result, output = checked(*workers)
    assert result == "1 passed"
    assert LEFT in output


@pytest.mark.parametrize(
    ("file", "text", "result"),
    [
        pytest.param("docs/page.md", "new", "1 passed", id="a file that they do not read"),
        pytest.param("loadtest/limits.toml", "new", "2 passed", id="a file that they read"),
        pytest.param("docs/other.md", "new", "2 passed", id="a file that was not there"),
        pytest.param("tests/loadtest/test_new.py", "def test_new():\n    pass\n", "3 passed", id="one more test"),
    ],
)
def test_what_decides_them_runs_them_again(
    tree: Path, checked: Callable[..., tuple[str, str]], file: str, text: str, result: str
) -> None:
    checked()
    (tree / file).write_text(text)
    assert checked()[0] == result


FAILING = "def test_it():\n    assert False\n"


@pytest.mark.parametrize(
    ("file", "text", "results"),
    [
        pytest.param(
            "tests/loadtest/test_storm.py",
            FAILING,
            ["1 failed, 1 passed", "1 failed, 1 passed"],
            id="one of them fails",
        ),
        pytest.param("tests/loadtest/test_broken.py", "import nowhere\n", ["1 error", "1 error"], id="one is broken"),
        pytest.param(
            "tests/site/test_site.py", FAILING, ["1 failed, 1 passed", "1 failed"], id="one of another folder fails"
        ),
    ],
)
def test_only_what_has_passed_as_a_whole_is_left_out(
    tree: Path, checked: Callable[..., tuple[str, str]], file: str, text: str, results: list[str]
) -> None:
    (tree / file).write_text(text)
    assert [checked()[0], checked()[0]] == results


def test_what_another_level_has_passed_is_not_left_out(checked: Callable[..., tuple[str, str]]) -> None:
    checked("-m", "not engine")
    assert checked()[0] == "2 passed"


@pytest.mark.parametrize("more", [("-k", "storm"), ("tests/site",)], ids=["by a word", "by a path"])
def test_chosen_tests_teach_nothing(checked: Callable[..., tuple[str, str]], more: tuple[str, ...]) -> None:
    assert "--once is for all tests: leave out the paths, and -k" in checked(*more)[1]
