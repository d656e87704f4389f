"""What a command does once its input is sound: with the emulated AWS, from the runtime's start to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from containers.client import Client
from containers.errors import EngineError
from rehearsal import first_deployment, shell
from rehearsal.codebuild import build
from rehearsal.codebuild.project import Project, Variable
from rehearsal.codepipeline import approval, build_actions, definition, stack_actions, transitions
from rehearsal.codepipeline.execution import Executor, pipeline_stack
from rehearsal.fargate.deploy import deploy
from rehearsal.fargate.desired.errors import DeploymentFailed, PlanError
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.backup import take
from rehearsal.fargate.stand.stack_clock import order_builds
from rehearsal.fargate.stand.standing import start_again
from rehearsal.overview import print_sites
from rehearsal.progress import End, Progress, Running, duration
from rehearsal.runtime import Runtime
from rehearsal.scheduled_builds import scheduled_builds, scheduled_projects
from rehearsal.values import commit as commits
from rehearsal.values.commit import Commit
from rehearsal.values.execution_record import ActionRecord, ExecutionRecord
from rehearsal.values.exits import DONE, WAITING, ActionFailed, Refused
from rehearsal.values.stack import Stack
from rehearsal.values.state import Broken, Store, Waiting

# The action that precedes all executions: by hand in AWS.
_FIRST = "First deployment of the pipeline"


def run(runtime: Runtime, commit: Commit, wanted: approval.Decision | None, *, pushed: bool = False) -> int:
    """Take a commit through the pipeline, which is deployed first where none stands; the exit code.

    What was ``pushed`` must be on the branch that the pipeline follows.
    """
    if runtime.store.state.pipeline is None:
        _first(runtime, commit)
    branch, _ = definition.followed(pipeline_stack(runtime))
    if pushed and commit.branch != branch:
        raise Refused(
            f"the pipeline that has been deployed follows the branch {branch}: push that, not {commit.branch}"
        )
    return Executor(runtime, wanted).run(commit)


def resume(runtime: Runtime, waiting: Waiting, commit: Commit) -> int:
    """Go on after an approval that was given; the exit code."""
    # A later approval of the same execution asks for itself.
    return Executor(runtime, None).resume(waiting, commit)


def storm(runtime: Runtime, commit: Commit, overrides: tuple[Variable, ...]) -> int:
    """Run the builds that a schedule starts, against what stands; the exit code."""
    store, progress = runtime.store, runtime.progress
    stack = pipeline_stack(runtime)
    store.state.executions += 1
    store.save()
    folder = store.execution(store.state.executions)
    folder.mkdir(parents=True, exist_ok=True)
    projects = scheduled_projects(stack)
    actions = [
        ActionRecord(stage="Scheduled", name=project.name, log=f"{number:02}-{project.name}.log")
        for number, project in enumerate(projects, start=1)
    ]
    record = ExecutionRecord.begin(store.state.executions, commit, actions)
    for index, project in enumerate(projects):
        with _alone(store, progress, record, index) as running:
            result = build_actions.run_build(
                runtime, project, _checkout_of(project, runtime.checkout, commit, folder), running,
                overrides=overrides, reports=folder / "reports" / project.name, outputs={},
                number=store.state.executions,
            )  # fmt: skip
            running.end(End.SUCCEEDED, result.figure)
    record.end("done")
    store.keep_record(record)
    return DONE


def heal(runtime: Runtime) -> int:
    """Bring what runs for every standing stack back to what its template says; the exit code.

    Tasks that are well stay as they are. Raise ``ActionFailed`` for the first stack that does not come up, when all
    others have been brought back.
    """
    store, progress = runtime.store, runtime.progress
    folder = store.folder / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    failed: list[ActionFailed] = []
    for stack in (deployed.stack() for deployed in store.standing()):
        log = folder / f"heal-{stack.name}.log"
        log.unlink(missing_ok=True)
        with progress.action(f"Heal / {stack.name}", log) as running:
            try:
                figure = _bring_back(runtime, stack, running)
            except (DeploymentFailed, EngineError) as error:
                running.end(End.FAILED, error.message)
                failed.append(ActionFailed(f"the stack {stack.name} does not come up: {error.message}", log))
            else:
                running.end(End.SUCCEEDED, figure)
    if failed:
        raise failed[0]
    return DONE


def _bring_back(runtime: Runtime, stack: Stack, running: Running) -> str:
    """Deploy a stack once more, and return what there is to say.

    One that the pipeline has let go of, and that nobody could deploy any more, stands on as it does in AWS: a front
    that is switched off, whose origin has no name. What is down of it is started as it is.
    """
    try:
        deploy(runtime.world(stack), stack, replace(runtime.context, say=running.say))
    except PlanError as error:
        pipeline = pipeline_stack(runtime)
        if stack.place in {pipeline.place, *map(str, stack_actions.deployed_by(definition.read(pipeline)))}:
            raise
        running.say(f"note: {error.message}")
        started = start_again(Client(runtime.context), stack)
        return f"not in the pipeline any more: left as it is, {started} of its containers started"
    return ""


def backup(runtime: Runtime) -> int:
    """Back up the databases and file systems of every standing stack, and say what a template calls them."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    client = Client(runtime.context)
    for stack in (deployed.stack() for deployed in runtime.store.standing()):
        # A stack without a database may be one that cannot be planned any more: a front that is switched off.
        if not any(stack.of_type("AWS::RDS::DBCluster")):
            continue
        plan = make_plan(runtime.world(stack), stack, runtime.context.secret)
        made = take(client, stack, plan, moment)
        for snapshot in made.snapshots:
            runtime.progress.line(f"{stack.name}: snapshot {snapshot}")
        runtime.progress.line(f"{stack.name}: files restored to {made.restored}")
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
        try:
            _order_builds(runtime)
        finally:
            runtime.close()
        print_sites(store.standing(), progress)
    if code == DONE:
        progress.line(
            f"done in {duration(time.monotonic() - started)}; `make status` tells more, `make down` removes all of it"
        )
    elif code == WAITING:
        progress.line("the execution waits for its approval: `make approve` or `make reject`; `make page` shows it")
    return code


def _order_builds(runtime: Runtime) -> None:
    """Let the clock start what the pipeline's stack, as it stands now, has scheduled."""
    if runtime.store.state.pipeline is not None:
        stack = pipeline_stack(runtime)
        order_builds(runtime.context, scheduled_builds(stack, runtime.checkout), tuple(transitions.timetables(stack)))


def _first(runtime: Runtime, commit: Commit) -> None:
    folder = runtime.store.execution(0)
    folder.mkdir(parents=True, exist_ok=True)
    action = ActionRecord(stage=_FIRST, name="cdk deploy", log="cdk-deploy.log")
    (folder / action.log).unlink(missing_ok=True)
    record = ExecutionRecord.begin(0, commit, [action])
    with _alone(runtime.store, runtime.progress, record, 0, name=_FIRST) as running:
        running.end(End.SUCCEEDED, first_deployment.deploy(runtime, commit, running))
    record.end("deployed")
    runtime.store.keep_record(record)


@contextmanager
def _alone(
    store: Store, progress: Progress, record: ExecutionRecord, index: int, name: str | None = None
) -> Iterator[Running]:
    """Run an action that is of no pipeline's definition; its failure ends its execution."""
    action = record.actions[index]
    note = store.begin_action(record, index)
    log = store.execution(record.execution) / action.log
    with progress.action(name or f"{action.stage} / {action.name}", log, note) as running:
        try:
            yield running
        except ActionFailed as failure:
            running.end(End.FAILED, str(failure).partition("\n")[0])
            record.end(f"failed at {action.name}")
            store.keep_record(record)
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
