"""Runs the kinds of action that a rehearsal knows; any other is an error that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.codebuild import build, project
from rehearsal.codepipeline import build_actions, stack_actions
from rehearsal.codepipeline.build_actions import ActionResult
from rehearsal.codepipeline.definition import Action, Pipeline
from rehearsal.progress import Running
from rehearsal.runtime import Runtime
from rehearsal.values import commit as commits
from rehearsal.values.commit import Commit
from rehearsal.values.stack import Stack


@dataclass
class Execution:
    """One execution of a pipeline: its commit, what its actions told, and which artifact holds the commit itself.

    A rollback of one stage has the artifacts of the execution that it goes back to, in ``earlier``.
    """

    number: int
    identity: str
    commit: Commit
    folder: Path
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    earlier: Path | None = None

    @property
    def artifacts(self) -> Path:
        """The folder of all artifacts, each in one of its own."""
        return (self.earlier or self.folder) / "artifacts"

    def artifact(self, name: str) -> Path:
        """Return the folder of an artifact."""
        return self.artifacts / name


@dataclass(frozen=True)
class ActionContext:
    """Everything an action may use: the rehearsal, the pipeline and its stack, the execution."""

    runtime: Runtime
    pipeline: Pipeline
    stack: Stack
    execution: Execution


def perform(context: ActionContext, action: Action, configuration: Mapping[str, str], running: Running) -> ActionResult:
    """Run one action with its resolved configuration."""
    return _KINDS[action.kind](context, action, configuration, running)


APPROVAL = "Approval/Manual"


def _source(context: ActionContext, action: Action, configuration: Mapping[str, str], running: Running) -> ActionResult:
    """Make a clean checkout of the commit, of which nothing may be executed.

    The zip file that CodePipeline makes of a connection's files does not say who may ("File permissions are not
    retained on source files from GitHub" in its user guide). The connection, the repository's name and its branch are
    taken as they are.
    """
    del running
    commit = context.execution.commit
    for output in action.outputs:
        artifact = context.execution.artifact(output)
        commits.export(context.runtime.checkout, commit.identity, artifact)
        for file in artifact.rglob("*"):
            if file.is_file() and not file.is_symlink():
                file.chmod(0o644)
    return ActionResult(f"{commit.short} {commit.subject}", commits.output_variables(commit, configuration))


def _build(context: ActionContext, action: Action, configuration: Mapping[str, str], running: Running) -> ActionResult:
    build_project = build_actions.find_project(context.stack, configuration["ProjectName"])
    primary = configuration.get("PrimarySource") or action.inputs[0]
    artifacts = {name: context.execution.artifact(name) for name in action.inputs}
    sources = build.Sources(
        primary=artifacts.pop(primary),
        secondary=artifacts,
        variables={
            "CODEBUILD_INITIATOR": f"codepipeline/{context.pipeline.name}",
            "CODEBUILD_SOURCE_VERSION": f"arn:aws:s3:::{context.pipeline.name}/{primary}",
            **_revision(context, primary),
        },
    )
    outputs = {name: context.execution.artifact(name) for name in action.outputs}
    result = build_actions.run_build(
        context.runtime, build_project, sources, running,
        overrides=project.overrides(configuration.get("EnvironmentVariables")),
        reports=context.execution.folder / "reports" / action.stage / action.name,
        outputs=outputs,
        number=context.execution.number,
    )  # fmt: skip
    for output in outputs.values():
        if (output / "manifest.json").exists():
            context.runtime.bootstrap(output)
    return result


def _revision(context: ActionContext, artifact: str) -> dict[str, str]:
    """Return the commit, for a build whose source is the source action's own artifact; a build's output has none."""
    from_source = {
        output
        for action in context.pipeline.actions
        if action.kind == "Source/CodeStarSourceConnection"
        for output in action.outputs
    }
    return {"CODEBUILD_RESOLVED_SOURCE_VERSION": context.execution.commit.identity} if artifact in from_source else {}


def _deploy(context: ActionContext, action: Action, configuration: Mapping[str, str], running: Running) -> ActionResult:
    region, artifacts = action.region or context.pipeline.region, context.execution.artifacts
    order = stack_actions.Order.of(configuration, region, artifacts)
    return ActionResult(*stack_actions.perform(context.runtime, order, context.execution.commit.identity, running))


_KINDS: Mapping[str, Callable[[ActionContext, Action, Mapping[str, str], Running], ActionResult]] = {
    "Source/CodeStarSourceConnection": _source,
    "Build/CodeBuild": _build,
    "Test/CodeBuild": _build,
    stack_actions.KIND: _deploy,
}
