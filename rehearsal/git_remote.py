"""The remote of a checkout: a bare repository in the state's folder whose hook takes a push through the pipeline."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from rehearsal.values.commit import REMOTE
from rehearsal.values.exits import Refused

# Where this package is imported from.
HOUSE = Path(__file__).parents[1]

# After a push has been taken, not before: CodePipeline hears of commits that are in the repository already, and refuses
# none. A pre-receive hook would refuse the push where the pipeline fails, keep the branch locked for as long as it
# runs, so that no newer push could supersede it, and hide the commit in git's quarantine from other processes.
_HOOK = """#!/bin/sh
# Made by `make remote`: takes what was pushed through the pipeline, and tells the pusher of it.
unset $(git rev-parse --local-env-vars)
cd {house} && exec {python} -m rehearsal --checkout {checkout} receive
"""


def make(checkout: Path, folder: Path, name: str) -> str:
    """Make the repository and its hook, and add it to ``checkout`` as a remote; say what to do with it.

    Raise ``Refused`` where the checkout has another remote of that name.
    """
    repository = folder / REMOTE
    standing = _git(checkout, "remote", "get-url", "--", name)
    if standing.returncode == 0 and standing.stdout.strip() != str(repository):
        raise Refused(
            f"this repository has a remote {name} already, {standing.stdout.strip()}, which is left as it is: "
            "choose another name, `make remote REMOTE=...`"
        )
    # No template and no path of hooks of the person's own: what they want to run in their repositories is not for here.
    _done(_git(checkout, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(repository)))
    hook = repository / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    paths = {"house": HOUSE, "python": sys.executable, "checkout": checkout}
    hook.write_text(_HOOK.format(**{name: shlex.quote(str(path)) for name, path in paths.items()}))
    hook.chmod(0o755)
    values = {
        "core.hooksPath": str(hook.parent),
        # Git would refuse to delete the branch that its HEAD names, which is nobody's here, in words of its own.
        "receive.denyDeleteCurrent": "ignore",
        # It would take nothing of a checkout that has the last commits alone, as continuous integration's has
        # (findings/git-pushes-no-shallow-clone-into-nothing.sh).
        "receive.shallowUpdate": "true",
    }
    for key, value in values.items():
        # By name: whoever has safe.bareRepository=explicit is refused one that git finds by itself
        # (findings/git-explicit-refuses-the-repository-one-stands-in.sh).
        _done(_git(checkout, f"--git-dir={repository}", "config", key, value))
    if standing.returncode != 0:
        _done(_git(checkout, "remote", "add", "--", name, str(repository)))
    return f"`git push {name} main` takes main through the pipeline, and tells you of it as it runs"


def remove(checkout: Path, folder: Path) -> list[str]:
    """Take the remotes that lead to this rehearsal out of the checkout's configuration; their names."""
    try:
        names = _git(checkout, "remote").stdout.split()
        ours = [n for n in names if _git(checkout, "remote", "get-url", "--", n).stdout.strip() == str(folder / REMOTE)]
    except Refused:
        return []
    for name in ours:
        _done(_git(checkout, "remote", "remove", name))
    return ours


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refused("git is missing. Install it (Debian: apt-get install git)") from None


def _done(process: subprocess.CompletedProcess[str]) -> None:
    if process.returncode != 0:
        raise Refused(f"`{shlex.join(process.args)}` failed: {process.stderr.strip()}")
