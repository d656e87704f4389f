"""Which Python the set-up takes, or what it says where none fits (no Python here makes a .venv); and which Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# It tells its version, and has no venv module.
PYTHON = '#!/bin/sh\n[ "$1" = -c ] && echo "{}"\n'
TOOLS = ("sed", "rm", "id", "cmp")


def install(folder: Path, pythons: dict[str, str], **environment: str) -> str:
    """Return what the set-up says in a checkout where only these Pythons are on PATH, before it ends with 2."""
    (folder / "bin").mkdir()
    for tool in TOOLS:
        (folder / "bin" / tool).symlink_to(str(shutil.which(tool)))
    for name, version in pythons.items():
        (folder / "bin" / name).write_text(PYTHON.format(version))
        (folder / "bin" / name).chmod(0o755)
    shutil.copy(ROOT / "pyproject.toml", folder)
    done = subprocess.run(
        ["/bin/sh", ROOT / "requirements/install.sh", "requirements/all.txt"],
        cwd=folder,
        env={"PATH": str(folder / "bin"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2, done
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("pythons", "wish", "chosen"),
    [
        pytest.param({"python3": "CPython 3.11.2"}, "", "CPython 3.11.2 ({}/python3)", id="oldest"),
        pytest.param({"python3": "CPython 3.14.0rc2"}, "", "CPython 3.14.0rc2 ({}/python3)", id="newest"),
        pytest.param(
            {"python3": "CPython 3.15.0", "python3.12": "CPython 3.12.9", "python3.13": "CPython 3.13.1"},
            "",
            "CPython 3.12.9 ({}/python3.12)",
            id="another than python3",
        ),
        pytest.param(
            {"python3": "CPython 3.11.2", "mine": "CPython 3.13.1"}, "mine", "CPython 3.13.1 ({}/mine)", id="named"
        ),
    ],
)
def test_a_python_that_fits_is_taken_and_told(pythons: dict[str, str], wish: str, chosen: str, tmp_path: Path) -> None:
    output = install(tmp_path, pythons, PYTHON=wish)
    assert f"setup: making .venv with {chosen.format(tmp_path / 'bin')}\n" in output


@pytest.mark.parametrize(
    ("pythons", "wish", "found"),
    [
        pytest.param({"python3": "CPython 3.10.13"}, "", "'python3' is CPython 3.10.13", id="too old"),
        pytest.param({"python3": "CPython 3.15.0"}, "", "'python3' is CPython 3.15.0", id="too new"),
        pytest.param({"python3": "PyPy 3.11.13"}, "", "'python3' is PyPy 3.11.13", id="another implementation"),
        pytest.param({"python3": "CPython 4.11.0"}, "", "'python3' is CPython 4.11.0", id="another major version"),
        pytest.param({}, "", "'python3' does not start", id="none"),
        pytest.param(
            {"python3": "CPython 3.11.2"}, "/no where/python", "'/no where/python' does not start", id="named"
        ),
        pytest.param(
            {"python3": "CPython 3.15.0", "python3.12": "PyPy 3.12.1"},
            "",
            "'python3' is CPython 3.15.0, 'python3.12' is PyPy 3.12.1",
            id="several",
        ),
    ],
)
def test_what_was_found_and_what_is_supported_is_said_in_one_line(
    pythons: dict[str, str], wish: str, found: str, tmp_path: Path
) -> None:
    assert install(tmp_path, pythons, PYTHON=wish) == (
        f"setup: Python 3.11 to 3.14 (CPython) is needed, and {found}. Install one (Debian: apt-get install python3), "
        "or name it: make setup PYTHON=/path/to/python3\n"
    )


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        pytest.param("node", ["--print", "process.pid"], id="node"),
        pytest.param("npm", ["exec", "--call", "echo $PPID"], id="npm"),
        pytest.param("npx", ["--call", "echo $PPID"], id="npx"),
    ],
)
def test_a_signal_to_what_is_started_is_one_to_node(program: str, arguments: list[str], tmp_path: Path) -> None:
    """Of the package's own programs each starts another one and waits: a traceback at Ctrl-C, an orphan at a kill."""
    folder = Path(sys.prefix) / "bin"
    started = subprocess.Popen(
        [folder / program, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{folder}:/usr/bin:/bin", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.communicate(timeout=60)[0].split() == [str(started.pid)]
