"""What a person asks of the rehearsal; each function gives the exit code (see ``rehearsal.values.exits``).

What is asked is looked at here, before anything heavy is imported: the emulated AWS takes seconds to import.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rehearsal.codebuild.project import Variable
from rehearsal.codepipeline import approval
from rehearsal.progress import Progress
from rehearsal.pushes import Push
from rehearsal.values import commit as commits
from rehearsal.values.execution_record import Status
from rehearsal.values.exits import DONE, Refused
from rehearsal.values.state import Outcome, Store


def run(checkout: Path, store: Store, progress: Progress, wanted: approval.Decision | None) -> int:
    """Take the checked-out commit through the pipeline."""
    started, commit = time.monotonic(), commits.head(checkout)
    progress.line(commit.introduction)
    if changed := commits.dirty(checkout):
        progress.line(f"note: {changed} files of the work tree are not committed, and not part of this rehearsal")
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.opened(
        checkout, store, progress, lambda runtime: with_runtime.run(runtime, commit, wanted), started
    )


def push(
    checkout: Path, store: Store, progress: Progress, pushed: Push, *, superseded: Sequence[Push],
    wanted: approval.Decision | None,
) -> int:  # fmt: skip
    """Take a commit that was pushed through the pipeline, after the pushes that it superseded while they waited."""
    started, commit = time.monotonic(), replace(commits.named(checkout, pushed.commit), branch=pushed.branch)
    for older in superseded:
        store.state.executions += 1
        store.past(store.state.executions, older.commit, Outcome.SUPERSEDED)
    progress.line(commit.introduction)
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.opened(
        checkout, store, progress, lambda runtime: with_runtime.run(runtime, commit, wanted, pushed=True), started
    )


def resume(
    checkout: Path, store: Store, progress: Progress, decision: approval.Decision, execution: int | None = None
) -> int:
    """Decide on the approval that an execution waits for, and go on from there.

    Raise ``Refused`` where none waits, or another one than the ``execution`` that a person has seen.
    """
    started, waiting = time.monotonic(), store.state.waiting
    if waiting is None:
        raise Refused("no execution waits for an approval: `make rehearse` starts one")
    if execution is not None and execution != waiting.execution:
        raise Refused(f"execution {waiting.execution} waits now, not {execution}: look at what it is about")
    progress.line(f"execution {waiting.execution}, {waiting.stage} / {waiting.action}: {decision}")
    if decision == "rejected":
        if record := store.record(waiting.execution):
            record.decide(waiting.stage, waiting.action, Status.REJECTED, "by `make reject`")
            store.keep_record(record)
        store.past(waiting.execution, waiting.commit, Outcome.REJECTED)
        progress.line("what the approval guards is untouched")
        return DONE
    progress.line(waiting.evidence)
    commit = commits.named(checkout, waiting.commit)
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.opened(
        checkout, store, progress, lambda runtime: with_runtime.resume(runtime, waiting, commit), started
    )


def storm(checkout: Path, store: Store, progress: Progress, assignments: Sequence[str]) -> int:
    """Run the build that a schedule starts at night, now, against what stands."""
    if store.state.pipeline is None:
        raise Refused("nothing has been deployed yet: `make rehearse` does")
    started, commit = time.monotonic(), commits.head(checkout)
    overrides = tuple(_variable(text) for text in assignments)
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.opened(
        checkout, store, progress, lambda runtime: with_runtime.storm(runtime, commit, overrides), started
    )


def heal(checkout: Path, store: Store, progress: Progress) -> int:
    """Bring back what stood and is down: after the engine was restarted or killed, or a container."""
    if not store.state.standing:
        raise Refused("nothing stands that could be healed: `make rehearse` deploys")
    started = time.monotonic()
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.opened(checkout, store, progress, with_runtime.heal, started)


def backup(checkout: Path, store: Store, progress: Progress) -> int:
    """Back up what the databases and file systems of the standing stacks hold."""
    if not store.state.standing:
        raise Refused("nothing stands that could be backed up: `make rehearse` deploys")
    started = time.monotonic()
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.opened(checkout, store, progress, with_runtime.backup, started)


def shell(checkout: Path, store: Store, progress: Progress) -> int:
    """Let a person look at the emulated AWS with tools of their own."""
    if not store.state.standing:
        raise Refused("nothing stands: `make rehearse` deploys")
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    return with_runtime.looked_at(checkout, store, progress)


def mend(checkout: Path, store: Store, progress: Progress, command: str, stack: str) -> int:
    """Do to a stack that takes no deployment what somebody does by hand in AWS: ``command`` names it."""
    started = time.monotonic()
    found = [broken for broken in store.state.broken if broken.key.name == stack]
    if not found:
        names = ", ".join(broken.key.name for broken in store.state.broken) or "none"
        raise Refused(f"no stack {stack} waits for somebody's hand (those that do: {names})")
    with _kept():
        from rehearsal import with_runtime  # noqa: PLC0415 - see above

    act = with_runtime.delete_stack if command == "delete-stack" else with_runtime.continue_rollback
    return with_runtime.opened(checkout, store, progress, lambda runtime: act(runtime, found[0]), started)


@contextmanager
def _kept() -> Iterator[None]:
    """Import without the garbage collector, and keep what comes out of its sight.

    Some 400,000 objects come and stay: looking through them again and again was a quarter of the import, and would be a
    good part of each full collection later on.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _variable(text: str) -> Variable:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise Refused(f"--env {text}: give NAME=VALUE")
    return Variable(name, value)
