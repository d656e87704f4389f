"""Cloud assemblies that are synthesized once, and kept for the next run as long as nothing changes that they are of."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import IO

from containers.file_lock import file_lock
from settings.settings import Settings

# How many states of the checkout keep their assemblies: some 25 MB each, when all settings of the tests were asked for.
STATES = 2

# Size and time of the last change of each file below a folder, by its path from there.
Listing = dict[Path, tuple[int, int]]


class Assemblies:
    """Assemblies in the folder ``kept``, by the fingerprint of what they depend on and by their settings.

    ``fingerprint`` tells it for now. Where it is another one than ``at_start``, somebody is editing: nobody knows which
    contents this process has imported, so what it synthesizes is for this run alone and goes to ``passing``. All
    processes that use ``kept`` at a time share a lock; who finds nobody there forgets old states.
    """

    def __init__(
        self,
        kept: Path,
        passing: Path,
        synthesize: Callable[[Settings, Path], object],
        fingerprint: Callable[[], str],
        at_start: str,
    ) -> None:
        self._kept = kept
        self._passing = passing
        self._synthesize = synthesize
        self._fingerprint = fingerprint
        self._state = at_start
        self._used: IO[str] | None = None
        self._checked: dict[str, Path] = {}
        self._listed: dict[Path, Listing] = {}

    def of(self, settings: Settings) -> Path:
        """Return the assembly that the settings make, synthesized by the first process that asks.

        Nobody may change what is in it: ``changed`` tells of it, and the next run makes it anew.
        """
        name = sha256(settings.model_dump_json().encode()).hexdigest()[:16]
        if name not in self._checked:
            self._checked[name] = out = self._kept_one(settings, name) or self._passing_one(settings, name)
            self._listed[out] = listing(out)
        return self._checked[name]

    def changed(self) -> list[Path]:
        """Return the files that were written, made or removed in the assemblies that this process was given."""
        return sorted(
            {out / name for out, before in self._listed.items() for name, _ in before.items() ^ listing(out).items()}
        )

    def check(self) -> None:
        """Raise an AssertionError if any of them was changed: it would be made anew in each run, without a word."""
        if changed := self.changed():
            files = "\n".join(map(str, changed))
            raise AssertionError(f"Changed in a synthesis that others read; who has to, copies it first:\n{files}")

    def _kept_one(self, settings: Settings, name: str) -> Path | None:
        """Return the kept assembly, made where it is missing; None where it cannot be known what it is of."""
        if self._fingerprint() != self._state:
            return None
        self._use()
        out = self._kept / self._state[:32] / name
        out.parent.mkdir(exist_ok=True)
        os.utime(out.parent)
        done = out.with_suffix(".done")
        with file_lock(out.with_suffix(".lock"), wait=True):
            if done.exists() and done.read_text() == content(out):
                return out
            done.unlink(missing_ok=True)
            # What a killed process left.
            shutil.rmtree(out, ignore_errors=True)
            self._synthesize(settings, out)
            if self._fingerprint() != self._state:
                return None
            share(out, out.parent / "files")
            done.write_text(content(out))
        return out

    def _passing_one(self, settings: Settings, name: str) -> Path:
        out = self._passing / name
        done = out.with_suffix(".done")
        with file_lock(out.with_suffix(".lock"), wait=True):
            if not done.exists():
                self._synthesize(settings, out)
                done.touch()
        return out

    def _use(self) -> None:
        if self._used is not None:
            return
        self._kept.mkdir(parents=True, exist_ok=True)
        lock = (self._kept / "in-use").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            self._forget()
        fcntl.flock(lock, fcntl.LOCK_SH)
        self._used = lock

    def _forget(self) -> None:
        """Remove all states but the last ones used, and this process's own."""
        states = sorted((each for each in self._kept.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
        others = [each for each in states if each.name != self._state[:32]]
        for each in others[: max(0, len(others) - (STATES - 1))]:
            shutil.rmtree(each)


def share(folder: Path, files: Path) -> None:
    """Let equal files of all folders given to this be one on the disk: few files of an assembly are its own."""
    files.mkdir(exist_ok=True)
    for file in [each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()]:
        digest = sha256(file.read_bytes()).hexdigest()
        one = files / f"{digest}-{file.stat().st_mode:o}"
        if one.exists() and sha256(one.read_bytes()).hexdigest() != digest:
            # Somebody wrote into it, by one of its other names.
            one.unlink(missing_ok=True)
        try:
            one.hardlink_to(file)
        except FileExistsError:
            file.unlink()
            file.hardlink_to(one)


def listing(folder: Path) -> Listing:
    """Return what tells at a look whether anything below a folder was written."""
    found = {file.relative_to(folder): file.stat() for file in folder.rglob("*") if file.is_file()}
    return {name: (status.st_size, status.st_mtime_ns) for name, status in found.items()}


def content(folder: Path) -> str:
    """Return what stands for all files below a folder, and their names."""
    whole = sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            whole.update(os.fsencode(file.relative_to(folder)) + b"\0" + sha256(file.read_bytes()).digest())
    return whole.hexdigest()
