"""A build spec, version 0.2, as plain values; what is not understood is an error, never passed over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from rehearsal.codebuild.known import BUILD_SPEC
from rehearsal.values.exits import ActionFailed

Phase = Literal["install", "pre_build", "build", "post_build"]
PHASES: tuple[Phase, ...] = ("install", "pre_build", "build", "post_build")

# Of tests, and of what they cover.
FORMATS = (
    *("JUNITXML", "CUCUMBERJSON", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX"),
    *("CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV"),
)

_SHELLS = {"/bin/sh": "/bin/sh", "bash": "/bin/bash"}


@dataclass(frozen=True)
class Commands:
    """One phase: its commands, those that run after them in any case, and what its failure leads to.

    ``on_failure`` is ABORT (end the build), CONTINUE (go on to the next phase; the build has failed all the same, so
    that nothing is promoted on it), or None for CodeBuild's own transitions: after a failed build phase post_build
    runs, after a failed install or pre_build phase nothing does.
    """

    commands: tuple[str, ...] = ()
    finally_: tuple[str, ...] = ()
    on_failure: Literal["ABORT", "CONTINUE"] | None = None


@dataclass(frozen=True)
class Artifacts:
    """What a build hands on: files by glob patterns under a base directory."""

    files: tuple[str, ...]
    base_directory: str = "."
    exclude: tuple[str, ...] = ()
    discard_paths: bool = False


@dataclass(frozen=True)
class Report:
    """A group of test reports."""

    files: tuple[str, ...]
    base_directory: str = "."
    format: str = "JUNITXML"


@dataclass(frozen=True)
class BuildSpec:
    """The parts of a build spec; ``secondary`` are artifacts by their identifier."""

    phases: Mapping[Phase, Commands]
    shell: str = "/bin/sh"
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    artifacts: Artifacts | None = None
    secondary: Mapping[str, Artifacts] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    cache: tuple[str, ...] = ()


def parse(text: str) -> BuildSpec:
    """Read a build spec, YAML or JSON; raise ``ActionFailed`` naming what is wrong or unknown in it."""
    spec, written = _read(text)
    if not isinstance(spec, dict) or str(spec.get("version")) != "0.2":
        raise ActionFailed("the build spec's version must be 0.2")
    _only(spec, "the build spec")
    env = _mapping("env", spec.get("env"))
    _only(env, "env")
    for section in ("variables", "parameter-store", "secrets-manager"):
        _as_written(f"env.{section}", env.get(section), _below(_below(written, "env"), section))
    cache = _mapping("cache", spec.get("cache"))
    _only(cache, "cache")
    phases = _mapping("phases", spec.get("phases"))
    _only(phases, "phases")
    if not any(phases.values()):
        raise ActionFailed("the build spec has no phase with commands")
    shell = str(env.get("shell", "/bin/sh"))
    if shell not in _SHELLS:
        raise ActionFailed(f"env.shell is {shell}: known are bash and /bin/sh")
    return BuildSpec(
        phases={phase: _commands(phase, phases[phase]) for phase in PHASES if phases.get(phase)},
        shell=_SHELLS[shell],
        variables=_texts("env.variables", env.get("variables")),
        parameters=_texts("env.parameter-store", env.get("parameter-store")),
        secrets=_texts("env.secrets-manager", env.get("secrets-manager")),
        # CDK merges its list and the file's: a name may stand in it twice.
        exported=tuple(dict.fromkeys(_list("env.exported-variables", env.get("exported-variables")))),
        artifacts=_artifacts("artifacts", spec.get("artifacts")),
        secondary={
            name: artifacts
            for name, entry in _mapping(
                "artifacts.secondary-artifacts", _mapping("artifacts", spec.get("artifacts")).get("secondary-artifacts")
            ).items()
            if (artifacts := _artifacts(f"artifacts.secondary-artifacts.{name}", entry))
        },
        reports={name: _report(name, entry) for name, entry in _mapping("reports", spec.get("reports")).items()},
        cache=_list("cache.paths", cache.get("paths")),
    )


def _read(text: str) -> tuple[Any, yaml.Node | None]:
    """Return what a build spec says, and what of it YAML may read otherwise than it is written.

    JSON is read as such, and each number as it is written: to PyYAML it is not YAML where it is indented by tabs, and
    1e3 is no number (findings/pyyaml-reads-not-every-json.sh).
    """
    with suppress(ValueError):
        return json.loads(text, parse_float=str), None
    try:
        return yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ActionFailed(f"the build spec is no YAML: {error}") from None


def _commands(phase: Phase, found: Any) -> Commands:
    entry = _mapping(f"phases.{phase}", found)
    # runtime-versions choose among the image's interpreters; rehearsal/codebuild/build_image.py says what stands in.
    _only(entry, f"phases.{phase}", "phases.PHASE")
    on_failure = entry.get("on-failure")
    if on_failure not in {None, "ABORT", "CONTINUE"}:
        raise ActionFailed(f"phases.{phase}.on-failure is {on_failure}: known are ABORT and CONTINUE")
    return Commands(
        commands=_list(f"phases.{phase}.commands", entry.get("commands")),
        finally_=_list(f"phases.{phase}.finally", entry.get("finally")),
        on_failure=on_failure,
    )


def _artifacts(where: str, found: Any) -> Artifacts | None:
    entry = _mapping(where, found)
    _only(entry, where, "artifacts")
    if "files" not in entry:
        return None
    return Artifacts(
        files=_list(f"{where}.files", entry["files"]),
        base_directory=str(entry.get("base-directory", ".")),
        exclude=_list(f"{where}.exclude-paths", entry.get("exclude-paths")),
        discard_paths=_truth(f"{where}.discard-paths", entry.get("discard-paths", "no")),
    )


def _report(name: str, found: Any) -> Report:
    entry = _mapping(f"reports.{name}", found)
    _only(entry, f"reports.{name}", "reports.GROUP")
    form = str(entry.get("file-format", "JUNITXML")).upper()
    if form not in FORMATS:
        raise ActionFailed(f"reports.{name}.file-format is {form}: known are {', '.join(FORMATS)}")
    return Report(
        files=_list(f"reports.{name}.files", entry.get("files")),
        base_directory=str(entry.get("base-directory", ".")),
        format=form,
    )


def _only(entry: Mapping[str, Any], where: str, kind: str | None = None) -> None:
    properties = BUILD_SPEC[kind or where]
    known = [*sorted(properties.honoured), *properties.without_effect]
    if unknown := sorted(set(entry) - set(known)):
        raise ActionFailed(f"{where} has {', '.join(unknown)}: known are {', '.join(known)}")


def _list(where: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ActionFailed(f"{where} must be a list of texts")
    return tuple(value)


def _mapping(where: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise ActionFailed(f"{where} must be a mapping of names")
    return value or {}


def _truth(where: str, value: Any) -> bool:
    text = str(value).lower()
    if text not in {"yes", "no", "true", "false"}:
        raise ActionFailed(f"{where} is {value}: yes or no is wanted")
    return text in {"yes", "true"}


def _below(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """Return what stands under a key of a mapping as it is written."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _as_written(where: str, values: Any, written: yaml.Node | None) -> None:
    """Raise ``ActionFailed`` at a value that YAML reads as another text than is written, as it reads 1.10 as 1.1."""
    for name, value in _texts(where, values).items():
        node = _below(written, name)
        if isinstance(node, yaml.ScalarNode) and node.value != value:
            raise ActionFailed(f"{where}.{name} is {node.value}, which YAML reads as {value}: write it in quotes")


def _texts(where: str, value: Any) -> dict[str, str]:
    found = {}
    for name, text in _mapping(where, value).items():
        if isinstance(text, dict | list) or text is None:
            raise ActionFailed(f"{where}.{name} must be a text")
        found[name] = str(text).lower() if isinstance(text, bool) else str(text)
    return found
