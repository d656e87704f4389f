"""What a build spec says, and in which order its phases run."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
        ({"version": 0.1}, "version must be 0.2"),
        ({"phases": {}}, "no phase with commands"),
        ({"phases": {"test": {"commands": ["true"]}}}, "phases has test"),
        ({"phases": {"build": {"comands": ["true"]}}}, "phases.build has comands"),
        ({"phases": {"build": {"commands": "true"}}}, "phases.build.commands must be a list"),
        ({"phases": {"build": {"commands": ["true"], "on-failure": "RETRY"}}}, "on-failure is RETRY"),
        ({"env": {"shell": "fish"}}, "env.shell is fish"),
        ({"env": {"exported": ["A"]}}, "env has exported"),
        ({"batch": {}}, "the build spec has batch"),
    ],
)
def test_what_it_does_not_understand_is_an_error_that_names_it(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        parse(json.dumps({**MINIMAL, **change}))


def test_broken_yaml_is_an_error() -> None:
    with pytest.raises(ActionFailed, match="no YAML"):
        parse("version: [")


@pytest.mark.parametrize(
    ("failing", "on_failure", "ran", "failure", "uploads"),
    [
        (None, {}, ["install", "pre_build", "build", "post_build"], "", True),
        ("install", {}, ["install"], "install", False),
        ("pre_build", {}, ["install", "pre_build"], "pre_build", False),
        ("build", {}, ["install", "pre_build", "build", "post_build"], "build", True),
        ("post_build", {}, ["install", "pre_build", "build", "post_build"], "post_build", True),
        ("build", {"build": "ABORT"}, ["install", "pre_build", "build"], "build", False),
        ("install", {"install": "CONTINUE"}, ["install", "pre_build", "build", "post_build"], "install", True),
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
