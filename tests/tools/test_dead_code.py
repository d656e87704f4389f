"""Code that nothing uses is found by ``make lint``, and what is allowed all the same is still needed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[2]
VULTURE = [sys.executable, "-m", "vulture"]


def found(*arguments: str | Path) -> tuple[int, str]:
    """Return vulture's exit code and what it says."""
    done = subprocess.run([*VULTURE, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_lint_fails_for_a_function_that_nothing_calls_and_for_nothing_else(tmp_path: Path) -> None:
    lint = subprocess.run(["make", "-n", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert " -m vulture " in lint
    planted = tmp_path / "planted.py"
    planted.write_text("def called():\n    pass\n\n\ndef never_called():\n    pass\n\n\ncalled()\n")
    code, output = found(".", planted)
    assert (code, output.count("\n")) == (3, 1)
    assert f"{planted}:5: unused function 'never_called'" in output


def test_what_is_allowed_would_be_found_otherwise(tmp_path: Path) -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    bare = tmp_path / "pyproject.toml"
    bare.write_text(f"[tool.vulture]\nexclude = {table['exclude']}\n")
    _, output = found("--config", bare, ".")
    names = set(re.findall(r"unused \w+ '(\w+)'", output))
    needless = [pattern for pattern in table["ignore_names"] if not any(fnmatchcase(name, pattern) for name in names)]
    assert needless == []
