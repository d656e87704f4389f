"""One build: source, phases, reports, artifacts, exported variables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rehearsal.codebuild import files
from rehearsal.codebuild.buildspec import PHASES, BuildSpec, Commands, Phase, parse
from rehearsal.codebuild.project import Project
from rehearsal.codebuild.shell import Shell
from rehearsal.values.exits import ActionFailed


@dataclass(frozen=True)
class Sources:
    """The folders that a build reads, and the variables that tell of them; ``primary`` is None for no source."""

    primary: Path | None
    secondary: Mapping[str, Path]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """What a build that succeeded leaves: its exported variables, what its reports count, and the caches it found."""

    exported: Mapping[str, str]
    tests: str
    caches: str = ""


def build_spec(project: Project, source: Path | None) -> BuildSpec:
    """Return the project's build spec: written in it, or the file that it names (``buildspec.yml`` by default)."""
    text = str(project.source.get("BuildSpec") or "buildspec.yml")
    if text.lstrip().startswith("{") or "\n" in text:
        return parse(text)
    if source is None or not (source / text).is_file():
        raise ActionFailed(f"the build spec {text} is not in the source of {project.name}")
    try:
        return parse((source / text).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ActionFailed(f"the build spec {text} is no UTF-8: {error.reason} at byte {error.start}") from None


def run(
    project: Project,
    spec: BuildSpec,
    sources: Sources,
    *,
    home: Path,
    environment: Mapping[str, str],
    log: Path,
    reports: Path,
    outputs: Mapping[str, Path],
    number: int,
    checkout: Path | None = None,
    hosts: Path | None = None,
) -> Result:
    """Run a build in ``home/src``, which is cleaned of all but its caches, and stays the same from build to build.

    ``environment`` is the whole environment of its commands but for ``CODEBUILD_*``; ``outputs`` are the folders that
    take its artifacts, by name; ``checkout`` warms the caches of a first build; the commands see ``hosts`` in the place
    of ``/etc/hosts``. Raise ``ActionFailed`` with the phase and the command that failed.
    """
    folder = home / "src"
    caches = files.cached_folders(spec.cache) if project.cached else ()
    files.clean(folder, caches)
    if checkout is not None:
        files.warm(folder, caches, checkout)
    found = ", ".join(str(cache) for cache in caches if (folder / cache).is_dir())
    if sources.primary is not None:
        files.fill(folder, sources.primary)
    elsewhere = {}
    for name, source in sources.secondary.items():
        elsewhere[name] = home / "sources" / name
        files.clean(elsewhere[name], ())
        files.fill(elsewhere[name], source)
    identity = f"{project.name}:{number}"
    variables = {
        **environment,
        **sources.variables,
        "CI": "true",
        "CODEBUILD_CI": "true",
        "CODEBUILD_BUILD_ARN": project.arn.replace(":project/", ":build/").removesuffix(project.name) + identity,
        "CODEBUILD_BUILD_ID": identity,
        "CODEBUILD_BUILD_IMAGE": project.image,
        "CODEBUILD_BUILD_NUMBER": str(number),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_KMS_KEY_ID": project.key,
        "CODEBUILD_PROJECT_ARN": project.arn,
        "CODEBUILD_SRC_DIR": str(folder),
        "CODEBUILD_START_TIME": str(int(time.time() * 1000)),
        **{f"CODEBUILD_SRC_DIR_{name}": str(path) for name, path in elsewhere.items()},
    }
    deadline = time.monotonic() + project.timeout * 60
    with log.open("ab") as stream, Shell(
        program=spec.shell, environment=variables, directory=folder, scratch=home / "shell", log=stream,
        hosts=hosts,
    ) as shell:  # fmt: skip
        outcome = transitions(spec.phases, lambda phase, commands: _phase(shell, phase, commands, deadline, stream))
        # CodeBuild tries to upload what a failed build leaves, reports above all, once post_build has had its turn.
        tests, empty = "", ""
        if outcome.uploads:
            tests, empty = files.collect_reports(spec.reports, folder, reports, shell.environment)
        hidden = {name for name in spec.exported if name.startswith("AWS_")}
        hidden |= {variable.name for variable in project.variables if variable.kind != "PLAINTEXT"}
        exported = {name: shell.environment.get(name, "") for name in spec.exported if name not in hidden}
        for name, value in exported.items():
            if not value.isprintable() and any("\udc80" <= letter <= "\udcff" for letter in value):
                raise ActionFailed(f"the exported variable {name} is no UTF-8: {value!a}", log)
        if outcome.failure:
            raise ActionFailed(": ".join(filter(None, (outcome.failure, summary(exported)))), log)
        if empty:
            raise ActionFailed(empty, log)
        files.collect_all(spec, folder, outputs, shell.environment)
        missing = [name for name in spec.exported if name not in shell.environment]
        _write(stream, *(f"exported variable {name} has no value" for name in missing))
        # From "env/exported-variables" in the build spec's reference: what depends on one fails, there and here.
        kept = (name for name in spec.exported if name in hidden)
        _write(stream, *(f"{name} is not exported: it is a secret of the project's, or AWS's own" for name in kept))
        return Result(exported, tests, f"{found} reused" if found else "")


def summary(exported: Mapping[str, str]) -> str:
    """Return what a build says of itself: its exported variable that ends in ``SUMMARY``, else all of them."""
    for name, value in exported.items():
        if name.endswith("SUMMARY") and value:
            return value
    return ", ".join(f"{name}={value}" for name, value in exported.items() if value)


@dataclass(frozen=True)
class Outcome:
    """How the phases ended: the first failure or none, and whether artifacts and reports are uploaded."""

    failure: str
    uploads: bool


def transitions(phases: Mapping[Phase, Commands], run_phase: Callable[[Phase, Commands], str]) -> Outcome:
    """Run the phases in order as CodeBuild does; ``run_phase`` gives what failed, or nothing.

    A failed install or pre_build ends the build; after a failed build phase, post_build runs. ``on-failure`` decides
    otherwise.
    """
    failure = ""
    for phase in PHASES:
        commands = phases.get(phase, Commands())
        failed = run_phase(phase, commands) if phase in phases else ""
        failure = failure or failed
        ends = commands.on_failure == "ABORT" or (commands.on_failure is None and phase in {"install", "pre_build"})
        if failed and ends:
            return Outcome(failure, uploads=phase == "post_build")
    return Outcome(failure, uploads=True)


def _phase(shell: Shell, phase: Phase, commands: Commands, deadline: float, log: IO[bytes]) -> str:
    _write(log, f"Entering phase {phase.upper()}")
    failed = ""
    try:
        for command in commands.commands:
            if failed := _command(shell, phase, command, deadline, log):
                break
        for command in commands.finally_:
            failed = _command(shell, phase, command, deadline, log) or failed
    except TimeoutError:
        failed = f"timed out in the phase {phase} (the project's TimeoutInMinutes)"
    if failed:
        shell.environment["CODEBUILD_BUILD_SUCCEEDING"] = "0"
    _write(log, f"Phase complete: {phase.upper()} State: {'FAILED' if failed else 'SUCCEEDED'}")
    return failed


def _command(shell: Shell, phase: Phase, command: str, deadline: float, log: IO[bytes]) -> str:
    _write(log, f"Running command {command}")
    status = shell.run(command, deadline)
    if status == 0:
        return ""
    return f"phase {phase}: the command `{_short(command)}` ended with exit status {status}"


def _short(command: str) -> str:
    first = command.strip().partition("\n")[0]
    return first if len(first) <= 100 and first == command.strip() else f"{first[:97]}..."


def _write(log: IO[bytes], *lines: str) -> None:
    for line in lines:
        log.write(f"[Container] {time.strftime('%Y/%m/%d %H:%M:%S', time.gmtime())} {line}\n".encode())
    log.flush()
