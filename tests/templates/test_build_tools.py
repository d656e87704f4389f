"""Each build of the pipeline starts with the packages of the lock that it installs, and no others.

A checkout has all packages, and so does each test: that a step imports what its own lock does not bring is seen by
nobody before the step runs.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.templates.inputs import ROOT
from tests.templates.pipeline_checks import build_spec
from tests.templates.synthesis import Make
from tests.templates.variants import WINDOWS, variant
from tests.templates.world import PIPELINE, World, of_type

BAD_INPUT = 2
INSTALLS = re.compile(r"make tools LOCK=(\S+)")
PYTHON = ".venv/bin/python -m "


class Start(NamedTuple):
    """A lock that a build installs, and a module that it runs with its arguments."""

    lock: str
    module: str
    arguments: tuple[str, ...]


def commands(world: World, project: dict[str, Any]) -> list[str]:
    """Return all commands of a build, in their order: its buildspec is its own, a file of the commit or the CDK's."""
    source = project["Source"]["BuildSpec"]
    if source.startswith("{"):
        spec = build_spec(project)
    else:
        [file] = [file for folder in (ROOT, world.assembly) if (file := folder / source).is_file()]
        spec = yaml.safe_load(file.read_text())
    return [command for phase in spec["phases"].values() for command in phase.get("commands", ())]


def starts(world: World) -> Iterator[Start]:
    """Yield what the builds run that install a lock of their own, with all variables empty."""
    for project in of_type(world.templates[PIPELINE], "CodeBuild::Project").values():
        lock = None
        for command in commands(world, project):
            lock = found[1] if (found := INSTALLS.search(command)) else lock
            if lock and command.startswith(PYTHON):
                module, *arguments = shlex.split(re.sub(r'"\$\w+"', "''", command.removeprefix(PYTHON)))
                yield Start(lock, module, tuple(arguments))


def started(start: Start, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it in an empty folder, where there is nothing to work on."""
    return subprocess.run(
        [sys.executable, ROOT / "tests/templates/with_lock.py", ROOT / start.lock, start.module, *start.arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_build_starts_with_the_packages_of_its_lock(make: Make, tmp_path: Path) -> None:
    found = {(start.lock, start.module, *start.arguments[:1]): start for start in starts(make(variant(WINDOWS)))}
    assert {key[1:] for key in found} == {
        ("loadtest", "run"), ("loadtest", "smoke"), ("promotion", "freeze"), ("supply_chain", "sbom")
    }  # fmt: skip
    for start in found.values():
        done = started(start, tmp_path)
        assert done.returncode == BAD_INPUT, f"{start}: {done.stderr}"
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("module", "package"),
    [("promotion.changes", "regex"), ("cfnlint", "cfn-lint"), ("aws_cdk", "aws-cdk-lib")],
    ids=["by a module of ours", "a package", "a package of another name"],
)
def test_what_a_lock_does_not_bring_is_named(tmp_path: Path, module: str, package: str) -> None:
    done = started(Start("requirements/loadtest.txt", module, ()), tmp_path)
    assert done.returncode == 1
    assert f"loadtest.txt has no {package}" in done.stderr
