"""What the remote's hook does with a push: says why nothing runs, or starts the run and tells the pusher of it.

The run is a process of its own. A pusher who goes away does not end it, as in AWS.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from rehearsal.codepipeline import definition
from rehearsal.git_remote import HOUSE
from rehearsal.pushes import Pushes
from rehearsal.values.exits import (
    BAD_INPUT,
    DONE,
    FAILED,
    INTERRUPTED,
    REJECTED,
    SUPERSEDED,
    WAITING,
)
from rehearsal.values.state import Store

_PAUSE = 0.1
_HEADS = "refs/heads/"
# The branch that may start a pipeline which is not deployed yet, and cannot say which one it follows.
_FIRST_BRANCH = "main"

_ENDS: Mapping[int, str] = {
    DONE: "✔ {commit} is promoted",
    FAILED: "✘ FAILED: the pipeline stopped with {commit}, what stood before still stands (git itself took the push)",
    BAD_INPUT: "✘ FAILED: {commit} did not run, for the reason above (git itself took the push)",
    WAITING: "… {commit} waits for its approval: `make page` shows the evidence; `make approve` or `make reject`",
    REJECTED: "✘ {commit} was rejected: what the approval guards is untouched",
    SUPERSEDED: "■ {commit} was superseded: a newer push goes in its place",
    INTERRUPTED: "■ interrupted: the builds were ended, the sites stand as they did",
}


def receive(checkout: Path, folder: Path, lines: Iterable[str], out: BinaryIO) -> int:
    """Handle a push, a line ``OLD NEW REF`` for each reference; the exit code of what it started, else 0."""
    branch, still = _followed(folder)
    code = DONE
    for line in lines:
        _, new, reference = line.split()
        if reason := why_not(new, reference, branch, still):
            _say(out, reason)
        else:
            code = _run(checkout, folder, new, branch, out)
    return code


def why_not(new: str, reference: str, branch: str, still: str) -> str | None:
    """Say why a push of a reference starts nothing; None where it does.

    ``still`` is why the pipeline starts by no push at all, if that is so.
    """
    if not new.strip("0"):
        gone = f"{reference} is deleted here: nothing runs"
        if reference != _HEADS + branch:
            return gone
        return f"{gone}, and what stands stays. To take {branch} through again: git push rehearsal {branch}"
    follows = f"the pipeline follows the branch {branch}. To take it through: git push rehearsal"
    if reference.startswith("refs/tags/"):
        tag = reference.removeprefix("refs/tags/")
        return f"a tag starts nothing: {follows} {tag}^{{}}:{branch}"
    if reference != _HEADS + branch:
        other = reference.removeprefix(_HEADS)
        return f"{other} starts nothing: {follows} {other}:{branch}"
    return still or None


def _followed(folder: Path) -> tuple[str, str]:
    """Return the branch that the deployed pipeline follows, and why a push to it starts nothing, if that is so."""
    store = Store(folder, reading=True)
    pipeline = store.deployed(store.state.pipeline) if store.state.pipeline else None
    return definition.followed(pipeline.stack()) if pipeline else (_FIRST_BRANCH, "")


def _run(checkout: Path, folder: Path, commit: str, branch: str, out: BinaryIO) -> int:
    pushes = Pushes(folder)
    number = pushes.new()
    command = [sys.executable, "-m", "rehearsal", "--checkout", str(checkout), "pushed", str(number), commit, branch]
    with pushes.log(number).open("wb") as log:
        # Its output is a file, its session its own: neither git nor the pusher's terminal waits for it, or ends it.
        process = subprocess.Popen(
            command, cwd=HOUSE, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _follow(pushes.log(number), process, out)
    except KeyboardInterrupt:
        _say(out, f"the run goes on without you: `make status`, or {pushes.log(number)}")
        return INTERRUPTED
    code = process.returncode
    _say(out, _ENDS.get(code, f"✘ FAILED: the run was ended by signal {-code}").format(commit=commit[:8]))
    return code


def _follow(log: Path, process: subprocess.Popen[bytes], out: BinaryIO) -> None:
    """Copy what is written to a log, at once, until its process has ended."""
    with log.open("rb") as stream:
        while True:
            over = process.poll() is not None
            if piece := stream.read():
                out.write(piece)
                out.flush()
            elif over:
                return
            else:
                time.sleep(_PAUSE)


def _say(out: BinaryIO, text: str) -> None:
    out.write(f"{text}\n".encode())
    out.flush()
