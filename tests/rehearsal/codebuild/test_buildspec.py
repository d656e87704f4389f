"""What a build spec says, and in which order its phases run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.codebuild.build import transitions
from rehearsal.codebuild.buildspec import Artifacts, Commands, Phase, parse
from rehearsal.values.exits import ActionFailed

MINIMAL = {"version": "0.2", "phases": {"build": {"commands": ["true"]}}}


def test_reads_all_that_the_rehearsal_uses() -> None:
    spec = parse("""
version: 0.2
env:
  shell: bash
  variables: {SIZE: 3, FAST: true}
  secrets-manager: {TOKEN: "storm:token"}
  exported-variables: [SUMMARY, VERDICT, SUMMARY]
phases:
  install: {runtime-versions: {python: 3.11}, commands: [make tools]}
  build: {commands: [make], finally: [echo over], on-failure: CONTINUE}
reports: {storm: {files: [junit.xml], base-directory: storm, file-format: JUNITXML}}
artifacts:
  base-directory: cdk.out
  files: ["**/*"]
  secondary-artifacts: {notes: {files: [notes.txt]}}
cache: {paths: [".venv/**/*"]}
""")
    assert spec.shell == "/bin/bash"
    assert spec.variables == {"SIZE": "3", "FAST": "true"}
    assert spec.secrets == {"TOKEN": "storm:token"}
    assert spec.exported == ("SUMMARY", "VERDICT")
    assert spec.phases["build"] == Commands(("make",), ("echo over",), "CONTINUE")
    assert spec.artifacts == Artifacts(files=("**/*",), base_directory="cdk.out")
    assert spec.secondary == {"notes": Artifacts(files=("notes.txt",))}
    assert spec.cache == (".venv/**/*",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"version": 0.1}, "version must be 0.2", id="version"),
        pytest.param({"phases": {}}, "no phase with commands", id="no phases"),
        pytest.param({"phases": {"test": {"commands": ["true"]}}}, "phases has test", id="unknown phase"),
        pytest.param({"phases": {"build": {"comands": ["true"]}}}, "phases.build has comands", id="misspelt commands"),
        pytest.param(
            {"phases": {"build": {"commands": "true"}}},
            "phases.build.commands must be a list",
            id="commands that are no list",
        ),
        pytest.param(
            {"phases": {"build": {"commands": ["true"], "on-failure": "RETRY"}}},
            "on-failure is RETRY",
            id="unknown on-failure",
        ),
        pytest.param({"env": {"shell": "fish"}}, "env.shell is fish", id="unknown shell"),
        pytest.param(
            {"env": {"shell": "sh"}}, "env.shell is sh: known are bash and /bin/sh", id="short name of a shell"
        ),
        pytest.param({"env": {"exported": ["A"]}}, "env has exported", id="unknown key of env"),
        pytest.param({"batch": {}}, "the build spec has batch", id="batch"),
    ],
)
def test_what_it_does_not_understand_is_an_error_that_names_it(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        parse(json.dumps({**MINIMAL, **change}))


def test_broken_yaml_is_an_error() -> None:
    with pytest.raises(ActionFailed, match="no YAML"):
        parse("version: [")


@pytest.mark.parametrize("indent", [None, 4, "\t"], ids=["in one line", "by blanks", "by tabs"])
@pytest.mark.parametrize("ascii_alone", [True, False], ids=["in ASCII", "in UTF-8"])
def test_json_is_read_however_it_is_written(indent: int | str | None, *, ascii_alone: bool) -> None:
    command = "echo '\U0001d11e \x7f\u2028'"
    written = {**MINIMAL, "env": {"variables": {"C": command}}, "phases": {"build": {"commands": [command]}}}
    spec = parse(json.dumps(written, indent=indent, ensure_ascii=ascii_alone))
    assert spec.phases["build"].commands == (spec.variables["C"],) == (command,)


@pytest.mark.parametrize("number", ["3", "1.10", "1e3", "1.5E-7"], ids=["whole", "a version", "powers", "a small one"])
def test_a_number_in_json_is_the_text_that_is_written(number: str) -> None:
    text = json.dumps({**MINIMAL, "env": {"variables": {"SIZE": 0}}}).replace(": 0}", f": {number}}}")
    assert parse(text).variables == {"SIZE": number}


WRITTEN = "version: 0.2\nenv: {%s: {A: %s}}\nphases: {build: {commands: [make]}}"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("1.10", "1.1", id="version"),
        pytest.param("0100", "64", id="number in eights"),
        pytest.param("12:30", "750", id="time"),
        pytest.param("yes", "true", id="yes"),
        pytest.param("True", "true", id="capital letter"),
    ],
)
@pytest.mark.parametrize("section", ["variables", "parameter-store", "secrets-manager"])
def test_a_value_that_yaml_reads_otherwise_is_to_be_quoted(section: str, written: str, read: str) -> None:
    with pytest.raises(
        ActionFailed, match=rf"env\.{section}\.A is {written}, which YAML reads as {read}: .* in quotes"
    ):
        parse(WRITTEN % (section, written))
    assert "A" in {**(spec := parse(WRITTEN % (section, f'"{written}"'))).variables, **spec.parameters, **spec.secrets}


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("8080", id="number"),
        pytest.param("true", id="truth"),
        pytest.param("-1.5", id="share"),
        pytest.param("2026-12-01", id="day"),
        pytest.param("a b", id="words"),
        pytest.param("''", id="nothing in quotes"),
    ],
)
def test_a_value_that_yaml_reads_as_it_is_written_needs_no_quotes(written: str) -> None:
    assert parse(WRITTEN % ("variables", written)).variables == {"A": written.strip("'")}


@pytest.mark.parametrize(
    ("failing", "on_failure", "ran", "failure", "uploads"),
    [
        pytest.param(None, {}, ["install", "pre_build", "build", "post_build"], "", True, id="no failure"),
        pytest.param("install", {}, ["install"], "install", False, id="install fails"),
        pytest.param("pre_build", {}, ["install", "pre_build"], "pre_build", False, id="pre_build fails"),
        pytest.param("build", {}, ["install", "pre_build", "build", "post_build"], "build", True, id="build fails"),
        pytest.param(
            "post_build", {}, ["install", "pre_build", "build", "post_build"], "post_build", True, id="post_build fails"
        ),
        pytest.param(
            "build", {"build": "ABORT"}, ["install", "pre_build", "build"], "build", False, id="build fails and aborts"
        ),
        pytest.param(
            "install",
            {"install": "CONTINUE"},
            ["install", "pre_build", "build", "post_build"],
            "install",
            True,
            id="install fails and continues",
        ),
    ],
)
def test_phases_follow_one_another_as_in_codebuild(
    failing: str | None, on_failure: dict[str, Any], ran: list[str], failure: str, uploads: bool
) -> None:
    phases: dict[Phase, Commands] = {
        phase: Commands(("true",), on_failure=on_failure.get(phase))
        for phase in ("install", "pre_build", "build", "post_build")
    }
    order: list[str] = []

    def run(phase: Phase, commands: Commands) -> str:
        del commands
        order.append(phase)
        return phase if phase == failing else ""

    outcome = transitions(phases, run)
    assert (order, outcome.failure, outcome.uploads) == (ran, failure, uploads)


ROOT = Path(__file__).parents[3]
SPECS = [ROOT / "buildspec.yml", ROOT / "loadtest" / "buildspec.yml"]
# Names that a build spec gives: any will do.
NAMED = {"env.variables", "env.parameter-store", "env.secrets-manager", "reports"}


def mappings(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every mapping of a build spec with the path that leads to it."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from mappings(item, f"{path}.{key}".lstrip("."))


@pytest.mark.parametrize("file", SPECS, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_unknown_key_in_any_mapping_of_a_build_spec_is_named(file: Path) -> None:
    spec = yaml.safe_load(file.read_text())
    planted = 0
    for path, mapping in mappings(spec):
        if path in NAMED or path.endswith("runtime-versions"):
            continue
        mapping["odd"] = "1"
        with pytest.raises(ActionFailed, match="odd"):
            parse(json.dumps(spec))
        del mapping["odd"]
        planted += 1
    assert planted > 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"reports": {"unit": {"files": ["a"], "file-format": "TAP"}}}, "file-format is TAP", id="format"),
        pytest.param({"artifacts": {"files": ["a"], "discard-paths": "maybe"}}, "discard-paths is maybe", id="truth"),
        pytest.param({"env": {"variables": {"A": {"b": 1}}}}, "env.variables.A must be a text", id="variable"),
        pytest.param({"env": ["A=1"]}, "env must be a mapping", id="list for a mapping"),
        pytest.param({"cache": {"paths": ["a/**/*"], "key": "k"}}, "cache has key", id="cache by a key"),
        pytest.param({"artifacts": {"files": ["a"], "fils": []}}, "artifacts has fils", id="misspelt artifacts"),
        pytest.param({"artifacts": {"fils": ["a"]}}, "artifacts has fils", id="misspelt artifacts alone"),
    ],
)
def test_what_a_build_spec_cannot_say_is_an_error_that_names_it(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        parse(json.dumps({"version": 0.2, "phases": {"build": {"commands": ["true"]}}, **change}))
