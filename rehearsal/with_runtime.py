"""What a command does once its input is sound: with the emulated AWS, from the runtime's start to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from rehearsal import first_deployment, shell
from rehearsal.codebuild import build
from rehearsal.codebuild.project import Project, Variable
from rehearsal.codepipeline import approval, build_actions, stack_actions
from rehearsal.codepipeline.execution import Executor, pipeline_stack
from rehearsal.overview import print_sites
from rehearsal.progress import End, Progress, duration
from rehearsal.runtime import Runtime
from rehearsal.scheduled_builds import scheduled_projects
from rehearsal.values import commit as commits
from rehearsal.values.commit import Commit
from rehearsal.values.exits import DONE, WAITING, ActionFailed
from rehearsal.values.state import Broken, Store, Waiting


def run(runtime: Runtime, commit: Commit, wanted: approval.Decision | None) -> int:
    """Take a commit through the pipeline, which is deployed first where none stands; the exit code."""
    if runtime.store.state.pipeline is None:
        _first(runtime, commit)
    return Executor(runtime, wanted).run(commit)


def resume(runtime: Runtime, waiting: Waiting, commit: Commit) -> int:
    """Go on after an approval that was given; the exit code."""
    return Executor(runtime, "approved").resume(waiting, commit)


def storm(runtime: Runtime, commit: Commit, overrides: tuple[Variable, ...]) -> int:
    """Run the builds that a schedule starts, against what stands; the exit code."""
    store, progress = runtime.store, runtime.progress
    stack = pipeline_stack(runtime)
    store.state.executions += 1
    store.save()
    folder = store.execution(store.state.executions)
    folder.mkdir(parents=True, exist_ok=True)
    for number, project in enumerate(scheduled_projects(stack), start=1):
        with progress.action(f"Scheduled / {project.name}", folder / f"{number:02}-{project.name}.log") as running:
            try:
                result = build_actions.run_build(
                    runtime, project, _checkout_of(project, runtime.checkout, commit, folder), running,
                    overrides=overrides, reports=folder / "reports" / project.name, outputs={},
                    number=store.state.executions,
                )  # fmt: skip
            except ActionFailed as failure:
                running.end(End.FAILED, str(failure).partition("\n")[0])
                raise
            running.end(End.SUCCEEDED, result.figure)
    return DONE


def delete_stack(runtime: Runtime, broken: Broken) -> int:
    """Delete what is left of a stack that could not be created; the exit code."""
    runtime.progress.line(f"{broken.key.name}: {stack_actions.delete(runtime, broken)}")
    return DONE


def continue_rollback(runtime: Runtime, broken: Broken) -> int:
    """Bring a stack back to what stood before an update that failed; the exit code."""
    log = runtime.store.folder / "logs" / f"rollback-{broken.key.name}.log"
    log.parent.mkdir(exist_ok=True)
    with runtime.progress.action(f"Rollback of {broken.key.name}", log) as running:
        try:
            running.end(End.SUCCEEDED, stack_actions.continue_rollback(runtime, broken, running))
        except ActionFailed as failure:
            running.end(End.FAILED, str(failure).partition("\n")[0])
            raise
    return DONE


def looked_at(checkout: Path, store: Store, progress: Progress) -> int:
    """Run a shell beside what stands; its exit code."""
    runtime = Runtime.open(checkout, store, progress)
    try:
        return shell.run(runtime)
    finally:
        runtime.close()


def opened(checkout: Path, store: Store, progress: Progress, go: Callable[[Runtime], int], started: float) -> int:
    """Do something with a runtime of its own, and say what stands then; the exit code."""
    runtime = Runtime.open(checkout, store, progress)
    try:
        code = go(runtime)
    finally:
        runtime.close()
        print_sites(store.standing(), progress)
    if code == DONE:
        progress.line(
            f"done in {duration(time.monotonic() - started)}; `make status` tells more, `make down` removes all of it"
        )
    elif code == WAITING:
        progress.line("the execution waits for its approval: `make approve` or `make reject`")
    return code


def _first(runtime: Runtime, commit: Commit) -> None:
    folder = runtime.store.folder / "executions" / "first"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "cdk-deploy.log"
    log.unlink(missing_ok=True)
    with runtime.progress.action("First deployment of the pipeline", log) as running:
        try:
            running.end(End.SUCCEEDED, first_deployment.deploy(runtime, commit, running))
        except ActionFailed as failure:
            running.end(End.FAILED, str(failure).partition("\n")[0])
            raise


def _checkout_of(project: Project, checkout: Path, commit: Commit, folder: Path) -> build.Sources:
    """Return the source of a project that stands alone: its repository is this one, at the checked-out commit."""
    kind = project.source["Type"]
    if kind not in {"GITHUB", "GITHUB_ENTERPRISE", "CODECOMMIT", "BITBUCKET", "GITLAB"}:
        raise ActionFailed(f"the project {project.name} has a source of type {kind}: only a repository is rehearsed")
    commits.export(checkout, commit.identity, folder / "source")
    variables = {
        "CODEBUILD_INITIATOR": "rehearsal",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": commit.identity,
        "CODEBUILD_SOURCE_VERSION": project.source_version or commit.identity,
        "CODEBUILD_SOURCE_REPO_URL": str(project.source.get("Location", "")),
    }
    return build.Sources(folder / "source", {}, variables)
