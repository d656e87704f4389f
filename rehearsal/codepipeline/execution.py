"""Executes a pipeline: action by action, restarted when it has changed itself, stopped at an approval or a failure."""

from __future__ import annotations

import itertools
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.aws import s3
from rehearsal.aws.cloudformation import deployment
from rehearsal.codepipeline import actions, approval, definition, stack_actions, variables
from rehearsal.codepipeline.actions import ActionContext, Execution
from rehearsal.codepipeline.definition import Action
from rehearsal.progress import End, Running
from rehearsal.runtime import Runtime
from rehearsal.values.commit import Commit
from rehearsal.values.exits import DONE, REJECTED, WAITING, ActionFailed
from rehearsal.values.stack import Stack
from rehearsal.values.state import Deployed, Key, Outcome, Past, UnderWay, Waiting

# How often one run lets the pipeline change itself: once is normal, one that never settles would not end.
_RESTARTS = 3


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
        # Logs and reports of earlier executions are kept; their artifacts are needed by an execution that waits only.
        for artifacts in self.runtime.store.folder.glob("executions/*/artifacts"):
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
            try:
                return self._go(context, context.pipeline.actions)
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
        self.runtime.store.state.waiting = None
        self.runtime.store.save()
        return self._go(context, rest)

    def _context(self, execution: Execution) -> ActionContext:
        stack = pipeline_stack(self.runtime)
        pipeline = definition.read(stack)
        execution.folder.mkdir(parents=True, exist_ok=True)
        return ActionContext(self.runtime, pipeline, stack, execution)

    def _go(self, context: ActionContext, todo: Sequence[Action]) -> int:
        execution = context.execution
        for action in todo:
            self.runtime.store.state.under_way = UnderWay(
                execution=execution.number, commit=execution.commit.identity, action=str(action)
            )
            self.runtime.store.save()
            number = context.pipeline.actions.index(action) + 1
            log = execution.folder / f"{number:02}-{action.stage}-{action.name}.log"
            with self.runtime.progress.action(str(action), log) as running:
                try:
                    configuration = variables.resolve_all(action.configuration, execution.variables)
                    if action.kind == actions.APPROVAL:
                        code = self._approve(context, action, configuration, running)
                        if code != DONE:
                            return code
                        continue
                    result = actions.perform(context, action, configuration, running)
                except ActionFailed as failure:
                    running.end(End.FAILED, str(failure).partition("\n")[0])
                    self._past(execution, f"failed at {action}")
                    raise ActionFailed(str(failure), failure.log or (log if log.exists() else None)) from failure
                except KeyboardInterrupt:
                    self._past(execution, f"interrupted at {action}")
                    raise
                if action.namespace:
                    execution.variables[action.namespace] = dict(result.variables)
                running.end(End.SUCCEEDED, result.figure)
            if action.kind.endswith("/CodeBuild"):
                context = self._after_build(context)
        self._past(execution, Outcome.PROMOTED)
        return DONE

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

    def _approve(self, context: ActionContext, action: Action, configuration: dict[str, str], running: Running) -> int:
        execution, store = context.execution, self.runtime.store
        changes = self._announced(context, action)
        (execution.folder / "changes.txt").write_text("".join(f"{line}\n" for line in changes))
        evidence = self._evidence(execution.commit, configuration, changes)
        # While it is shown, and when this process is ended instead of answered, the execution waits.
        store.state.under_way = None
        store.state.waiting = Waiting(
            execution=execution.number, identity=execution.identity, commit=execution.commit.identity,
            stage=action.stage, action=action.name, variables=execution.variables, evidence=evidence,
        )  # fmt: skip
        store.save()
        running.pause()
        self.runtime.progress.line(evidence)
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

    def _evidence(self, commit: Commit, configuration: dict[str, str], changes: list[str]) -> str:
        lines = [f"  commit   {commit.short} {commit.subject} ({commit.author}, {commit.date})"]
        text = configuration.get("CustomData", "")
        if text:
            lines.append(f"  question {text}")
        lines += [f"  report   {file}" for file in s3.files_of(text, self.runtime.objects)]
        lines += [
            f"  {word:<8} {line}" for word, line in zip(("changes", *("",) * len(changes)), changes, strict=False)
        ]
        if link := configuration.get("ExternalEntityLink"):
            lines.append(f"  link     {link} (in AWS)")
        return "\n".join(lines)

    def _supersede(self) -> None:
        if waiting := self.runtime.store.state.waiting:
            self.runtime.progress.line(
                f"execution {waiting.execution} ({waiting.commit[:8]}) waited for {waiting.stage} / {waiting.action}: "
                "superseded by this one"
            )
            state = self.runtime.store.state
            state.history.append(
                Past(execution=waiting.execution, commit=waiting.commit, outcome=Outcome.SUPERSEDED, at=time.time())
            )
            state.waiting = None
            self.runtime.store.save()

    def _bury(self) -> None:
        """Put an execution whose process was killed among the past ones."""
        state = self.runtime.store.state
        if (killed := state.under_way) is not None:
            outcome = f"broken off at {killed.action}"
            state.history.append(
                Past(execution=killed.execution, commit=killed.commit, outcome=outcome, at=time.time())
            )
            state.under_way = None
            self.runtime.store.save()

    def _past(self, execution: Execution, outcome: str) -> None:
        past = Past(execution=execution.number, commit=execution.commit.identity, outcome=outcome, at=time.time())
        self.runtime.store.state.under_way = None
        self.runtime.store.state.history.append(past)
        self.runtime.store.save()


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
