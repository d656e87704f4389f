"""The linters: each reads the files of one language below a folder and says what is wrong, a line for each fault."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from lint import recipes
from lint.php.check import faults
from lint.php.outside import outside
from lint.sources import of_kind

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = (Path(sys.executable).parent, ROOT / "node_modules/.bin")
OUTSIDE: Final = ROOT / "lint/php/outside.json"
SHELLCHECK: Final = ("shellcheck", "--format=gcc", f"--rcfile={ROOT / '.shellcheckrc'}")
MISSING: Final = (
    "{0} is missing: `make tools` installs it, except where PyPI has no binary of it for the machine (Linux on arm64); "
    "install it there (Debian: apt-get install {0})"
)
AUTOLOADED: Final = "src/wordpress/mu-plugins/floodgate"


def _run(root: Path, command: Sequence[str], paths: Sequence[str], script: str | None = None) -> list[str]:
    """Run a linter on files, and return what it prints; one that fails without a word is a fault too."""
    if not paths:
        return []
    env = {**os.environ, "PATH": os.pathsep.join([*map(str, FOLDERS), os.environ.get("PATH", "")])}
    program = shutil.which(command[0], path=env["PATH"])
    if program is None:
        return [MISSING.format(command[0])]
    done = subprocess.run(
        [program, *command[1:], *paths],
        cwd=root,
        env=env,
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return complaints or ([f"{command[0]} ended with {done.returncode} and said nothing"] if done.returncode else [])


def shell(root: Path) -> list[str]:
    """Give programs and scripts of sh and bash to shellcheck."""
    return _run(root, [*SHELLCHECK, "--external-sources"], of_kind(root, (".sh",), ("sh", "bash", "dash")))


def shell_in_files(root: Path) -> list[str]:
    """Give what Makefile and buildspecs run to shellcheck."""
    complaints = []
    for kind, name in ((recipes.makefile, "Makefile"), (recipes.buildspec, "buildspec.yml")):
        for path in of_kind(root, (), file_name=name):
            script = kind((root / path).read_text())
            # Not SC1091: what a recipe sources is made by what runs before it.
            found = _run(root, [*SHELLCHECK, "--shell=sh", "--exclude=SC1091"], ["-"], script)
            complaints += [re.sub(r"^-:", f"{path}:", line) for line in found]
    return complaints


def dockerfiles(root: Path) -> list[str]:
    """Give Dockerfiles to hadolint, which holds what RUN says to shellcheck's rules as well."""
    return _run(
        root,
        ["hadolint", "--no-color", "--config", str(ROOT / ".hadolint.yaml")],
        of_kind(root, (), file_name="Dockerfile"),
    )


def scripts_and_styles(root: Path) -> list[str]:
    """Give JavaScript and CSS to Biome."""
    options = ("--config-path", str(ROOT / "biome.jsonc"), "--error-on-warnings", "--reporter=github", "--colors=off")
    output = _run(root, ["biome", "lint", *options], of_kind(root, (".js", ".css")))
    # ::error title=RULE,file=PATH,line=LINE,…::SENTENCE, among lines for people.
    found = [re.match(r"::\w+ title=([^,]*),file=([^,]*),line=(\d+).*?::(.*)", line) for line in output]
    faults = [f"{Path(one[2]).relative_to(root)}:{one[3]}: {one[4]} ({one[1]})" for one in found if one]
    return faults or [line for line in output if not line.startswith("Checked ")]


def php_files(root: Path) -> dict[str, bytes]:
    """Read every PHP file: its source, by its path."""
    return {path: (root / path).read_bytes() for path in of_kind(root, (".php",), ("php",))}


def php(root: Path) -> list[str]:
    """Read PHP by our own linter: see ``lint.php``."""
    return faults(php_files(root), outside(json.loads(OUTSIDE.read_text())), [AUTOLOADED])[0]


LINTERS: Final[Mapping[str, Callable[[Path], list[str]]]] = {
    "shell": shell,
    "recipes": shell_in_files,
    "dockerfiles": dockerfiles,
    "scripts and styles": scripts_and_styles,
    "php": php,
}
