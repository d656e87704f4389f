"""Executes a pipeline: action by action, restarted when it has changed itself, stopped at an approval or a failure."""

from __future__ import annotations

import itertools
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.aws.cloudformation import deployment
from rehearsal.codepipeline import actions, approval, definition, stack_actions, transitions, variables
from rehearsal.codepipeline.actions import ActionContext, Execution
from rehearsal.codepipeline.definition import Action
from rehearsal.codepipeline.event_rules import Messages
from rehearsal.progress import End, Running
from rehearsal.pushes import Push, Pushes
from rehearsal.runtime import Runtime
from rehearsal.values import commit as commits
from rehearsal.values import rehearsed_time
from rehearsal.values.commit import Commit
from rehearsal.values.execution_record import ActionRecord, Evidence, ExecutionRecord, Status
from rehearsal.values.exits import DONE, REJECTED, SUPERSEDED, WAITING, ActionFailed
from rehearsal.values.object_files import files_of
from rehearsal.values.stack import Stack
from rehearsal.values.state import Deployed, Key, Outcome, Succeeded, UnderWay, Waiting

# How often one run lets the pipeline change itself: once is normal, one that never settles would not end.
_RESTARTS = 3
_PAUSE = 0.5


class _Restart(Exception):
    """The execution ends here and another one begins at the source."""


@dataclass
class Executor:
    """Runs executions of one checkout's pipeline; ``wanted`` is what was decided on approvals, if anything."""

    runtime: Runtime
    wanted: approval.Decision | None

    def run(self, commit: Commit) -> int:
        """Run a new execution from the source on, and another each time the pipeline changes itself.

        Return the exit code.
        """
        self._bury()
        self._supersede()
        # Logs and reports of earlier executions are kept; their artifacts are needed by an execution that waits, and by
        # a stage that may go back to them.
        needed = {self.runtime.store.execution(each.execution) for each in self.runtime.store.state.succeeded.values()}
        for artifacts in self.runtime.store.folder.glob("executions/*/artifacts"):
            if artifacts.parent not in needed:
                shutil.rmtree(artifacts)
        for _ in range(_RESTARTS):
            state = self.runtime.store.state
            state.executions += 1
            self.runtime.store.save()
            execution = Execution(
                state.executions, str(uuid.uuid4()), commit, self.runtime.store.execution(state.executions)
            )
            execution.variables["codepipeline"] = {"PipelineExecutionId": execution.identity}
            context = self._context(execution)
            record = ExecutionRecord.begin(execution.number, commit, _recorded(context.pipeline.actions))
            try:
                return self._go(context, record, context.pipeline.actions, context.pipeline.actions[0].stage)
            except _Restart:
                self._past(execution, Outcome.RESTARTED)
                self.runtime.progress.line("↻ the pipeline has changed itself: it starts again with its new definition")
        raise ActionFailed(
            f"the pipeline changed itself {_RESTARTS} times in a row: its definition depends on something that "
            "changes from synthesis to synthesis (the commit, the time, a random number)"
        )

    def resume(self, waiting: Waiting, commit: Commit) -> int:
        """Go on after the approval that an execution waits for; the exit code."""
        self._bury()
        execution = Execution(
            waiting.execution,
            waiting.identity,
            commit,
            self.runtime.store.execution(waiting.execution),
            waiting.variables,
        )
        context = self._context(execution)
        names = [(action.stage, action.name) for action in context.pipeline.actions]
        rest = context.pipeline.actions[names.index((waiting.stage, waiting.action)) + 1 :]
        record = self.runtime.store.record(execution.number) or ExecutionRecord.begin(
            execution.number, commit, _recorded(context.pipeline.actions)
        )
        record.decide(waiting.stage, waiting.action, Status.SUCCEEDED, "approved by `make approve`")
        record.goes_on()
        self.runtime.store.keep_record(record)
        self.runtime.store.state.waiting = None
        self.runtime.store.save()
        return self._go(context, record, rest, waiting.stage)

    def _context(self, execution: Execution) -> ActionContext:
        stack = pipeline_stack(self.runtime)
        pipeline = definition.read(stack)
        execution.folder.mkdir(parents=True, exist_ok=True)
        return ActionContext(self.runtime, pipeline, stack, execution)

    def _go(self, context: ActionContext, record: ExecutionRecord, todo: Sequence[Action], stage: str) -> int:
        """Carry out what is left to do of an execution that is in ``stage``; the exit code."""
        execution, store = context.execution, self.runtime.store
        let_in = len(todo) < len(context.pipeline.actions)
        broken: tuple[Action, ActionFailed] | None = None
        for action in todo:
            # What is side by side with an action that failed has begun with it, and goes on to its end.
            if broken and (action.stage, action.order) != (broken[0].stage, broken[0].order):
                break
            if broken and action.kind == actions.APPROVAL:
                continue
            # One machine runs one stage at a time: at each border the execution waits, and the newest that waits goes.
            # Whom a person has just let in goes in, as into a stage that is free.
            newer = Pushes(store.folder).waiting() if action.stage != stage and not let_in else None
            if newer or (action.stage != stage and (newer := self._wait_for(context, action.stage))):
                self.runtime.progress.line(
                    f"■ execution {execution.number} ({execution.commit.short}) is superseded by the push of "
                    f"{newer.commit[:8]}: it ends after {stage}"
                )
                self._past(execution, Outcome.SUPERSEDED)
                return SUPERSEDED
            stage, let_in = action.stage, action.kind == actions.APPROVAL
            outcome = self._carry_out(context, record, action)
            if isinstance(outcome, ActionFailed):
                broken = broken or (action, outcome)
            elif outcome != DONE:
                return outcome
            elif action.kind != actions.APPROVAL and not broken:
                self._note_success(context, action)
                if action.kind.endswith("/CodeBuild"):
                    context = self._after_build(context)
        if broken:
            self._past(execution, f"failed at {broken[0]}")
            self._roll_back(context, broken[0])
            raise broken[1]
        self._past(execution, Outcome.ROLLED_BACK if execution.earlier else Outcome.PROMOTED)
        return DONE

    def _carry_out(self, context: ActionContext, record: ExecutionRecord, action: Action) -> int | ActionFailed:
        """Carry out one action; ``DONE``, its failure, or the exit code with which an approval ends the run."""
        execution, store = context.execution, self.runtime.store
        self._is_at(execution, str(action))
        # A rollback's record has one stage only.
        index = [(each.stage, each.name) for each in record.actions].index((action.stage, action.name))
        note = store.begin_action(record, index)
        log = execution.folder / record.actions[index].log
        with self.runtime.progress.action(str(action), log, note) as running:
            try:
                configuration = variables.resolve_all(action.configuration, execution.variables)
                if action.kind == actions.APPROVAL:
                    record.evidence = self._evidence(context, action, configuration)
                    store.keep_record(record)
                    _messages(context).approval(action.stage, action.name, configuration)
                    return self._approve(context, action, record.evidence, running)
                result = actions.perform(context, action, configuration, running)
            except ActionFailed as failure:
                running.end(End.FAILED, str(failure).partition("\n")[0])
                failed = ActionFailed(str(failure), failure.log or (log if log.exists() else None))
                failed.__cause__ = failure
            except KeyboardInterrupt:
                self._past(execution, f"interrupted at {action}")
                raise
            else:
                if action.namespace:
                    execution.variables[action.namespace] = dict(result.variables)
                running.end(End.SUCCEEDED, result.figure)
                return DONE
        _messages(context).failure(action.stage, action.name, action.kind, str(failed).partition("\n")[0])
        return failed

    def _wait_for(self, context: ActionContext, stage: str) -> Push | None:
        """Wait until the way into a stage is open; return the push that has come meanwhile, which takes its place."""
        folder, last = self.runtime.store.folder, ""
        place = f"the transition into {stage}"
        while reason := transitions.closed(context.stack, context.pipeline.name, stage, rehearsed_time.now(folder)):
            if reason != last:
                self.runtime.progress.line(
                    f"‖ {place} is closed ({reason}): execution {context.execution.number} waits. "
                    "`make clock` from another terminal moves the time"
                )
                last = reason
                self._is_at(context.execution, place)
            if newer := Pushes(folder).waiting():
                return newer
            try:
                time.sleep(_PAUSE)
            except KeyboardInterrupt:
                self._past(context.execution, f"interrupted at {place}")
                raise
        return None

    def _is_at(self, execution: Execution, place: str) -> None:
        """Keep how far an execution is, for who looks, and for the next one if this process is killed."""
        store = self.runtime.store
        store.state.under_way = UnderWay(execution=execution.number, commit=execution.commit.identity, action=place)
        store.save()

    def _note_success(self, context: ActionContext, action: Action) -> None:
        """Keep what a rollback needs of a stage that has just come to its end; a rollback is no such success."""
        execution, pipeline = context.execution, context.pipeline
        last = [each for each in pipeline.actions if each.stage == action.stage][-1]
        if action.stage in pipeline.rolls_back and action is last and not execution.earlier:
            self.runtime.store.state.succeeded[action.stage] = Succeeded(
                execution=execution.number,
                commit=execution.commit.identity,
                structure=pipeline.structure,
                variables=execution.variables,
            )
            self.runtime.store.save()

    def _roll_back(self, context: ActionContext, failed: Action) -> None:
        """Carry out a stage once more as in its last success, if it is to go back to that when it fails.

        As in AWS: an execution of its own, with the artifacts and variables of that one, which must have had the
        pipeline's present structure. One that fails itself is not rolled back.
        """
        store, pipeline, stage = self.runtime.store, context.pipeline, failed.stage
        if stage not in pipeline.rolls_back or context.execution.earlier:
            return
        target = store.state.succeeded.get(stage)
        if target is None or target.structure != pipeline.structure:
            why = "has had no success yet" if target is None else "had its last success with another structure of it"
            self.runtime.progress.line(f"↶ {stage} cannot be rolled back: in this pipeline it {why}")
            return
        store.state.executions += 1
        identity = str(uuid.uuid4())
        execution = Execution(
            store.state.executions,
            identity,
            commits.named(self.runtime.checkout, target.commit),
            store.execution(store.state.executions),
            {**target.variables, "codepipeline": {"PipelineExecutionId": identity}},
            earlier=store.execution(target.execution),
        )
        store.save()
        self.runtime.progress.line(
            f"↶ {stage} is rolled back to {execution.commit.short} by execution {execution.number}, with what "
            f"execution {target.execution} made"
        )
        again = self._context(execution)
        todo = [action for action in again.pipeline.actions if action.stage == stage]
        record = ExecutionRecord.begin(execution.number, execution.commit, _recorded(todo))
        _messages(again).rollback("STARTED")
        try:
            self._go(again, record, todo, stage)
        except ActionFailed as failure:
            _messages(again).rollback("FAILED")
            self.runtime.progress.line(f"↶ the rollback of {stage} failed: {failure}")
        else:
            _messages(again).rollback("SUCCEEDED")
            self.runtime.progress.line(f"↶ {stage} has {execution.commit.short} again")

    def _after_build(self, context: ActionContext) -> ActionContext:
        """Keep what stands after a build, which may have deployed the pipeline itself; start again where it is due."""
        now = pipeline_stack(self.runtime)
        if (now.resources, now.outputs) == (context.stack.resources, context.stack.outputs):
            return context
        keep_pipeline(self.runtime, now, context.execution.commit.identity)
        before, after = definition.resource(context.stack), definition.resource(now)
        if definition.changed(before, after) and context.pipeline.restarts:
            raise _Restart
        return ActionContext(self.runtime, context.pipeline, now, context.execution)

    def _approve(self, context: ActionContext, action: Action, evidence: Evidence, running: Running) -> int:
        execution, store = context.execution, self.runtime.store
        text = _told(execution.commit, evidence, store.folder)
        # While it is shown, and when this process is ended instead of answered, the execution waits.
        store.state.under_way = None
        store.state.waiting = Waiting(
            execution=execution.number, identity=execution.identity, commit=execution.commit.identity,
            stage=action.stage, action=action.name, variables=execution.variables, evidence=text,
        )  # fmt: skip
        store.save()
        running.pause()
        self.runtime.progress.line(text)
        decision = approval.decide(self.wanted, terminal=approval.at_terminal(), ask=input)
        if decision == "waits":
            running.end(End.WAITS, "`make approve` promotes, `make reject` refuses")
            return WAITING
        store.state.waiting = None
        store.save()
        how = "by APPROVE" if self.wanted else "at the terminal"
        if decision == "rejected":
            running.end(End.REJECTED, how)
            self._past(execution, Outcome.REJECTED)
            return REJECTED
        running.end(End.SUCCEEDED, f"approved {how}")
        return DONE

    def _announced(self, context: ActionContext, action: Action) -> list[str]:
        """Return what an approval lets happen: the changes of each stack that is deployed until the next one."""
        rest = context.pipeline.actions[context.pipeline.actions.index(action) + 1 :]
        guarded = list(itertools.takewhile(lambda each: each.kind != actions.APPROVAL, rest))
        found = stack_actions.announced(self.runtime, context.pipeline, guarded, context.execution.artifacts)
        return [line for stack, changes in found for line in stack_actions.described(stack, changes)]

    def _evidence(self, context: ActionContext, action: Action, configuration: Mapping[str, str]) -> Evidence:
        changes = self._announced(context, action)
        (context.execution.folder / "changes.txt").write_text("".join(f"{line}\n" for line in changes))
        text, home = configuration.get("CustomData", ""), self.runtime.store.folder.resolve()
        return Evidence(
            question=text,
            reports=[str(file.relative_to(home)) for file in files_of(text, self.runtime.objects)],
            changes=changes,
            link=configuration.get("ExternalEntityLink", ""),
        )

    def _supersede(self) -> None:
        if waiting := self.runtime.store.state.waiting:
            self.runtime.progress.line(
                f"execution {waiting.execution} ({waiting.commit[:8]}) waited for {waiting.stage} / {waiting.action}: "
                "superseded by this one"
            )
            self.runtime.store.past(waiting.execution, waiting.commit, Outcome.SUPERSEDED)

    def _bury(self) -> None:
        """Put an execution whose process was killed among the past ones."""
        if killed := self.runtime.store.state.under_way:
            self.runtime.store.past(killed.execution, killed.commit, f"broken off at {killed.action}")

    def _past(self, execution: Execution, outcome: str) -> None:
        self.runtime.store.past(execution.number, execution.commit.identity, outcome)


def _messages(context: ActionContext) -> Messages:
    execution = context.execution
    return Messages(
        context.stack, context.pipeline.name, execution.identity, execution.number, context.runtime.store.folder
    )


def _recorded(every: Sequence[Action]) -> list[ActionRecord]:
    return [
        ActionRecord(
            stage=action.stage, name=action.name, approval=action.kind == actions.APPROVAL,
            log=f"{number:02}-{action.stage}-{action.name}.log",
        )
        for number, action in enumerate(every, start=1)
    ]  # fmt: skip


def _told(commit: Commit, evidence: Evidence, folder: Path) -> str:
    """Write the evidence as a terminal shows it."""
    lines = [f"  commit   {commit.short} {commit.subject} ({commit.author}, {commit.date})"]
    if evidence.question:
        lines.append(f"  question {evidence.question}")
    lines += [f"  report   {folder / report}" for report in evidence.reports]
    words = ("changes", *("",) * len(evidence.changes))
    lines += [f"  {word:<8} {line}" for word, line in zip(words, evidence.changes, strict=False)]
    if evidence.link:
        lines.append(f"  link     {evidence.link} (in AWS)")
    return "\n".join(lines)


def pipeline_stack(runtime: Runtime) -> Stack:
    """Return the pipeline's stack as it is in the emulated CloudFormation."""
    key = runtime.store.state.pipeline
    standing = deployment.find(key.account, key.region, key.name) if key else None
    if standing is None:
        raise ActionFailed("no pipeline has been deployed")
    return standing


def keep_pipeline(runtime: Runtime, stack: Stack, commit: str) -> None:
    """Note that the pipeline's stack stands as it is in the emulated CloudFormation."""
    key = Key(account=stack.account, region=stack.region, name=stack.name)
    template, parameters, made = deployment.source(key.account, key.region, key.name)
    runtime.store.state.pipeline = key
    runtime.store.stands(Deployed.of(stack, template, parameters, commit=commit, at=time.time(), generations=made))
