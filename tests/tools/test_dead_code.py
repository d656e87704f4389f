"""Code that nothing uses is found by ``make lint``, and what is allowed all the same is still needed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VULTURE = [sys.executable, "-m", "vulture"]


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A file with a function that nothing calls, in its fifth line."""
    file = tmp_path / "planted.py"
    file.write_text("def called():\n    pass\n\n\ndef never_called():\n    pass\n\n\ncalled()\n")
    return file


def found(*arguments: str | Path) -> tuple[int, str]:
    """Return vulture's exit code and what it says."""
    done = subprocess.run([*VULTURE, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_lint_fails_for_a_function_that_nothing_calls(planted: Path) -> None:
    lint = subprocess.run(["make", "-n", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert " -m vulture " in lint
    assert found(planted) == (3, f"{planted}:5: unused function 'never_called' (60% confidence)\n")


def test_the_tree_has_nothing_else_and_what_is_allowed_would_be_found_otherwise(planted: Path) -> None:
    """Both of one look at the whole tree: it takes a second for each 15,000 lines."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    assert table["paths"] == ["."]
    bare = planted.with_name("pyproject.toml")
    lines = [f"{key} = {table[key]}" for key in ("exclude", "ignore_decorators")]
    bare.write_text("\n".join(["[tool.vulture]", *lines]))
    code, output = found("--config", bare, ".", planted)
    assert code == 3
    assert "unreachable" not in output
    names = set(re.findall(r"unused [\w ]+ '(.+)'", output))
    allowed = {name for name in names if any(fnmatchcase(name, pattern) for pattern in table["ignore_names"])}
    assert names - allowed == {"never_called"}
    assert [each for each in table["ignore_names"] if not any(fnmatchcase(name, each) for name in names)] == []
