"""The files of a build: a clean working directory that keeps its caches, artifacts by pattern, reports."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from rehearsal.codebuild.buildspec import Artifacts, BuildSpec, Report
from rehearsal.values.exits import ActionFailed

_GLOB = frozenset("*?[")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def cached_folders(patterns: Iterable[str]) -> tuple[PurePosixPath, ...]:
    """Return the folders that ``cache.paths`` names, relative to the working directory.

    An absolute one (``/root/.npm/**/*``) is left out: this machine keeps it by itself. Like CodeBuild's local cache,
    this one keeps folders, so a pattern must begin with one.
    """
    folders = []
    for pattern in patterns:
        path = PurePosixPath(pattern)
        if path.is_absolute() or pattern.startswith("~"):
            continue
        parts = []
        for part in path.parts:
            if _GLOB & set(part):
                break
            parts.append(part)
        if not parts or ".." in parts:
            raise ActionFailed(f"cache.paths has {pattern}: a local cache keeps folders, such as .venv/**/*")
        folders.append(PurePosixPath(*parts))
    return tuple(dict.fromkeys(folders))


def clean(folder: Path, keep: Iterable[PurePosixPath]) -> None:
    """Empty ``folder`` of everything but the folders to ``keep``."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(keep)
    for entry in folder.iterdir():
        name = PurePosixPath(entry.name)
        if name in kept and entry.is_dir():
            continue
        below = [path.relative_to(name) for path in kept if path.is_relative_to(name) and path != name]
        if below and entry.is_dir() and not entry.is_symlink():
            clean(entry, below)
        elif entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def warm(folder: Path, caches: Iterable[PurePosixPath], checkout: Path) -> None:
    """Fill the caches that are not there yet from the person's own checkout, as if a build had run on this host before.

    The files are linked, not copied. What a build does with a cache that does not suit it is its own affair.
    """
    for cache in caches:
        source, target = (checkout / cache).resolve(), folder / cache
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target, symlinks=True, copy_function=_link)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def fill(folder: Path, source: Path) -> None:
    """Copy a source into ``folder``, over what the caches hold."""
    shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True)


def collect(spec: Artifacts, folder: Path, target: Path, variables: Mapping[str, str]) -> int:
    """Copy the artifacts that ``spec`` names in ``folder`` to ``target``; how many files that were.

    ``variables`` are the build's, which paths may name. Raise ``ActionFailed`` where the base directory is missing or
    nothing matches, as CodeBuild does, and for a pattern that leaves the base directory.
    """
    base = folder / _filled(spec.base_directory, variables)
    if _GLOB & set(str(base)):
        raise ActionFailed(f"artifacts.base-directory is {spec.base_directory}: name one folder, without a pattern")
    if not base.is_dir():
        raise ActionFailed(f"no matching base directory path found for artifacts: {spec.base_directory}")
    excluded = {path for pattern in spec.exclude for path in _matches(base, pattern, "exclude-paths", variables)}
    chosen = sorted(
        path
        for pattern in spec.files
        for path in _matches(base, pattern, "artifacts.files", variables)
        if path.is_file() and path not in excluded and not excluded & set(path.parents)
    )
    if not chosen:
        raise ActionFailed(f"no matching artifact paths found: {', '.join(spec.files)} in {spec.base_directory}")
    for path in dict.fromkeys(chosen):
        to = target / (path.name if spec.discard_paths else path.relative_to(base))
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, to)
    return len(chosen)


def _filled(text: str, variables: Mapping[str, str]) -> str:
    """Return a path with the build's variables in it; one that has no value is empty, as in a shell."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), text)


def _matches(base: Path, pattern: str, where: str, variables: Mapping[str, str]) -> Iterator[Path]:
    filled = PurePosixPath(_filled(pattern, variables))
    if filled.is_absolute():
        if not filled.is_relative_to(base):
            raise ActionFailed(f"{where} has {pattern}, which is outside of {base}: move what is meant there first")
        filled = filled.relative_to(base)
    if ".." in filled.parts:
        raise ActionFailed(f"{where} has {pattern}, which leaves the base directory: name what is in it")
    # Elsewhere pathlib reads it otherwise in each version: as an error, as folders alone, as files too. A folder that
    # is left out takes its files along.
    ends_open = filled.parts[-1:] == ("**",) and where != "exclude-paths"
    if ends_open or any("**" in part and part != "**" for part in filled.parts):
        raise ActionFailed(f"{where} has {pattern}: write **/ before what is meant in any folder, as in **/*")
    yield from base.glob(str(filled)) if filled.parts else ()


def collect_all(spec: BuildSpec, folder: Path, targets: Mapping[str, Path], variables: Mapping[str, str]) -> None:
    """Copy a build's artifacts to the action's outputs, named as the pipeline names them.

    One output takes the primary artifacts; several take the secondary ones whose identifiers they are.
    """
    for name, target in targets.items():
        artifacts = spec.secondary.get(name) or (spec.artifacts if len(targets) == 1 else None)
        if artifacts is None:
            raise ActionFailed(f"the pipeline expects the artifact {name}, but the build spec makes none of that name")
        shutil.rmtree(target, ignore_errors=True)
        collect(artifacts, folder, target, variables)


def collect_reports(
    reports: Mapping[str, Report], folder: Path, target: Path, variables: Mapping[str, str]
) -> tuple[str, str]:
    """Copy the reports to ``target/GROUP``.

    Return what the JUnit ones say, such as ``41 tests`` or ``41 tests, 2 failed``, and the first group that has no
    files, which fails a build.
    """
    tests = failed = 0
    empty = ""
    for group, report in reports.items():
        base = folder / _filled(report.base_directory, variables)
        where = f"reports.{group}.files"
        found = {path for pattern in report.files for path in _matches(base, pattern, where, variables)}
        files = sorted(path for path in found if path.is_file())
        if not files:
            empty = empty or f"report files not found in build: {', '.join(report.files)} of reports.{group} in {base}"
        for path in files:
            (target / group).mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / group / path.name)
            if report.format == "JUNITXML":
                counts = _junit(path)
                tests, failed = tests + counts[0], failed + counts[1]
    if not tests:
        return "", empty
    return f"{tests} tests" + (f", {failed} failed" if failed else ""), empty


def _junit(path: Path) -> tuple[int, int]:
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - written by the build that is being judged, on this machine
    except ET.ParseError as error:
        raise ActionFailed(f"the report {path.name} is no JUnit XML: {error}") from None
    for suite in root.iter("testsuite"):
        counts = {name: suite.get(name, "0") for name in ("tests", "failures", "errors", "skipped")}
        wrong = [name for name, text in counts.items() if not text.isdecimal()]
        if wrong or sum(int(text) for name, text in counts.items() if name != "tests") > int(counts["tests"]):
            figures = ", ".join(f"{name}={text}" for name, text in counts.items())
            raise ActionFailed(f"the report {path.name} counts what cannot be: {figures}")
    cases = list(root.iter("testcase"))
    return len(cases), sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
