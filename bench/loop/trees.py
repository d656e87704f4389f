"""Two commits of this repository, each checked out in a folder of its own."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path

from bench.common.lab import Failed
from bench.common.steps import Progress


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of the clock, and seconds of processor of its processes (not of containers)."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Tree:
    """A commit in a folder; ``name`` is how the table calls it."""

    name: str
    folder: Path

    def has(self, target: str) -> bool:
        """Return whether its Makefile has a target."""
        return re.search(rf"(?m)^{target}:", (self.folder / "Makefile").read_text()) is not None

    def make(self, target: str, environment: Mapping[str, str] | None = None) -> Cost:
        """Run a target. Raise Failed with the log's name where it does not succeed."""
        log = self.folder.with_name(f"{self.folder.name}-{target}.log")
        inherited = {name: value for name, value in environ.items() if name not in _OF_MAKE}
        with log.open("w") as output:
            began, before = time.monotonic(), _processor()
            done = subprocess.run(
                ["make", target], cwd=self.folder, env={**inherited, **(environment or {})}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            cost = Cost(time.monotonic() - began, _processor() - before)
        if done.returncode != 0:
            raise Failed(f"`make {target}` of {self.name} ended with exit status {done.returncode}: {log}")
        return cost

    def change(self) -> None:
        """Commit once more, with a change of what is deployed and nothing of what it does."""
        with (self.folder / _CHANGED).open("a") as file:
            file.write("\n")
        _git(self.folder, "add", _CHANGED)
        _git(self.folder, *_AUTHOR, "commit", "--quiet", "--no-verify", "--message", "One more line")


_OF_MAKE = frozenset(["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"])
_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
_CHANGED = "src/wordpress/mu-plugins/floodgate.php"


@contextmanager
def trees(checkout: Path, folder: Path, base: str, progress: Progress) -> Iterator[tuple[Tree, Tree]]:
    """Set up the commit ``base`` and the checked-out one; remove both at the end, with what they rehearsed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _git(checkout, "worktree", "prune")
    with ExitStack() as stack:
        made = []
        for name, revision in (("base", base), ("today", "HEAD")):
            commit = _git(checkout, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", what=revision)
            tree = Tree(commit[:8], folder / name)
            _git(checkout, "worktree", "add", "--quiet", "--detach", str(tree.folder), commit)
            stack.callback(_git, checkout, "worktree", "remove", "--force", str(tree.folder))
            stack.callback(tree.make, "down")
            with progress.step(f"{tree.name} is set up"):
                tree.make("setup")
            made.append(tree)
        yield made[0], made[1]
        progress.say("removing all that was made …")


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _git(folder: Path, *arguments: str, what: str = "") -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"git {arguments[0]}: {done.stderr.strip() or f'{what} is no commit of {folder}'}")
    return done.stdout.strip()
