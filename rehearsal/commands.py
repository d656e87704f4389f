"""What a person asks of the rehearsal; each function gives the exit code (see ``rehearsal.values.exits``)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rehearsal import first_deployment
from rehearsal.codebuild import build
from rehearsal.codebuild.project import Project, Variable
from rehearsal.codepipeline import approval, build_actions
from rehearsal.codepipeline.execution import Executor, pipeline_stack
from rehearsal.overview import print_sites
from rehearsal.progress import End, Progress, duration
from rehearsal.runtime import Runtime
from rehearsal.scheduled_builds import scheduled_projects
from rehearsal.values import commit as commits
from rehearsal.values.commit import Commit
from rehearsal.values.exits import DONE, WAITING, ActionFailed, Refused
from rehearsal.values.state import Outcome, Past, Store


def run(checkout: Path, store: Store, progress: Progress, wanted: approval.Decision | None) -> int:
    """Take the checked-out commit through the pipeline."""
    started, of = time.monotonic(), commits.head(checkout)
    progress.line(f"commit {of.short} {of.subject} (branch {of.branch})")
    if changed := commits.dirty(checkout):
        progress.line(f"note: {changed} files of the work tree are not committed, and not part of this rehearsal")

    def go(runtime: Runtime) -> int:
        if store.state.pipeline is None:
            _first(runtime, of)
        return Executor(runtime, wanted).run(of)

    return _with_runtime(checkout, store, progress, go, started)


def resume(checkout: Path, store: Store, progress: Progress, decision: approval.Decision) -> int:
    """Decide on the approval that an execution waits for, and go on from there."""
    started, waiting = time.monotonic(), store.state.waiting
    if waiting is None:
        raise Refused("no execution waits for an approval: `make rehearse` starts one")
    progress.line(f"execution {waiting.execution}, {waiting.stage} / {waiting.action}: {decision}")
    if decision == "rejected":
        past = Past(execution=waiting.execution, commit=waiting.commit, outcome=Outcome.REJECTED, at=time.time())
        store.state.history.append(past)
        store.state.waiting = None
        store.save()
        progress.line("what the approval guards is untouched")
        return DONE
    progress.line(waiting.evidence)
    of = commits.named(checkout, waiting.commit)
    return _with_runtime(
        checkout, store, progress, lambda runtime: Executor(runtime, "approved").resume(waiting, of), started
    )


def storm(checkout: Path, store: Store, progress: Progress, given: Sequence[str]) -> int:
    """Run the build that a schedule starts at night, now, against what stands."""
    if store.state.pipeline is None:
        raise Refused("nothing has been deployed yet: `make rehearse` does")
    started, of = time.monotonic(), commits.head(checkout)
    overrides = tuple(_variable(text) for text in given)

    def go(runtime: Runtime) -> int:
        stack = pipeline_stack(runtime)
        runtime.replay(key for key in store.state.standing if key != store.state.pipeline)
        runtime.restore_objects(stack.region)
        store.state.executions += 1
        store.save()
        folder = store.execution(store.state.executions)
        folder.mkdir(parents=True, exist_ok=True)
        for number, named in enumerate(scheduled_projects(stack), start=1):
            with progress.action(f"Scheduled / {named.name}", folder / f"{number:02}-{named.name}.log") as running:
                try:
                    told = build_actions.run_build(
                        runtime, named, _checkout_of(named, checkout, of, folder), running, given=overrides,
                        reports=folder / "reports" / named.name, outputs={}, number=store.state.executions,
                    )  # fmt: skip
                except ActionFailed as failure:
                    running.end(End.FAILED, str(failure).partition("\n")[0])
                    raise
                running.end(End.SUCCEEDED, told.figure)
        return DONE

    return _with_runtime(checkout, store, progress, go, started)


def _variable(text: str) -> Variable:
    name, given, value = text.partition("=")
    if not (name and given):
        raise Refused(f"--env {text}: give NAME=VALUE")
    return Variable(name, value)


def _first(runtime: Runtime, of: Commit) -> None:
    folder = runtime.store.folder / "executions" / "first"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "cdk-deploy.log"
    log.unlink(missing_ok=True)
    with runtime.progress.action("First deployment of the pipeline", log) as running:
        try:
            running.end(End.SUCCEEDED, first_deployment.deploy(runtime, of, running))
        except ActionFailed as failure:
            running.end(End.FAILED, str(failure).partition("\n")[0])
            raise


def _with_runtime(
    checkout: Path, store: Store, progress: Progress, go: Callable[[Runtime], int], started: float
) -> int:
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


def _checkout_of(named: Project, checkout: Path, of: Commit, folder: Path) -> build.Sources:
    """The source of a project that stands alone: its repository is this one, at the checked-out commit."""
    kind = named.source["Type"]
    if kind not in {"GITHUB", "GITHUB_ENTERPRISE", "CODECOMMIT", "BITBUCKET", "GITLAB"}:
        raise ActionFailed(f"the project {named.name} has a source of type {kind}: only a repository is rehearsed")
    commits.export(checkout, of.identity, folder / "source")
    variables = {
        "CODEBUILD_INITIATOR": "rehearsal",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": of.identity,
        "CODEBUILD_SOURCE_VERSION": named.source_version or of.identity,
        "CODEBUILD_SOURCE_REPO_URL": str(named.source.get("Location", "")),
    }
    return build.Sources(folder / "source", {}, variables)
