"""What ``make`` promises: a dry run runs nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.makefile import MAKEFILE, TARGETS


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A shell that runs nothing and notes what it was told to run."""
    path = tmp_path / "shell"
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$2" >>{tmp_path}/ran\n')
    path.chmod(0o755)
    return path


def ran(makefile: Path, target: str, shell: Path, *options: str) -> str:
    """Run make, and return all that it had run by its shell, recipes and shell functions alike."""
    clean = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(
        ["make", *options, "--file", makefile, f"SHELL={shell}", target],
        cwd=MAKEFILE.parent,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    notes = shell.with_name("ran")
    return notes.read_text() if notes.exists() else ""


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_dry_run_runs_nothing(target: str, shell: Path) -> None:
    assert ran(MAKEFILE, target, shell, "--dry-run") == ""


def test_the_targets_are_found_and_a_run_that_is_not_dry_is_seen(shell: Path) -> None:
    assert {"help", "test", "rehearse", "lint", "lint-templates", "lock"} <= TARGETS
    assert "-m rehearsal status" in ran(MAKEFILE, "status", shell)


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param("@$(MAKE) --version & echo tests", id="a recursive call joined with something"),
        pytest.param("@+echo tests", id="a line that is to run always"),
        pytest.param("@echo $(shell echo tests)", id="a shell function"),
    ],
)
def test_a_recipe_that_runs_in_a_dry_run_is_seen(recipe: str, tmp_path: Path, shell: Path) -> None:
    planted = tmp_path / "Makefile"
    planted.write_text(f"planted:\n\t{recipe}\n")
    assert "echo tests" in ran(planted, "planted", shell, "--dry-run")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("NODE_ENV", "production", id="where this is production"),
        pytest.param("npm_config_omit", "optional", id="where npm is told to omit what is optional"),
    ],
)
def test_the_set_up_installs_each_of_the_node_tools(variable: str, value: str, tmp_path: Path) -> None:
    """All of them are development's, and the linter's program is optional: npm leaves either out without a word."""
    found = re.search(r"\bnpm ci [^>&]*", MAKEFILE.read_text())
    assert found
    for name in ("package.json", "package-lock.json"):
        shutil.copy(MAKEFILE.with_name(name), tmp_path)
    done = subprocess.run(
        [Path(sys.prefix) / "bin/npm", *found[0].split()[1:], "--dry-run"],
        cwd=tmp_path,
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    added = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("add ")}
    assert set(json.loads((tmp_path / "package.json").read_text())["devDependencies"]) < added
    assert any(name.startswith("@biomejs/cli-") for name in added)
