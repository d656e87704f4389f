"""What an execution tells of itself while it runs, and ever after: which action is how far, as ``record.json``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel


class Status(StrEnum):
    """How far an action is. ``running``, and the process of its execution has ended: it was broken off."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    WAITS = "waits"
    REJECTED = "rejected"
    STOPPED = "stopped"


class _Commit(Protocol):
    """What is told of a commit (``rehearsal.values.commit``)."""

    @property
    def identity(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def branch(self) -> str: ...


class ActionRecord(BaseModel):
    """One action: ``log`` is the file beside the record, times are seconds since the epoch."""

    stage: str
    name: str
    log: str
    approval: bool = False
    status: Status = Status.PENDING
    started: float | None = None
    ended: float | None = None
    figure: str = ""


class Evidence(BaseModel):
    """What an approver is shown: ``reports`` are files below the state's folder, ``link`` an address in AWS."""

    question: str = ""
    reports: list[str] = []
    changes: list[str] = []
    link: str = ""


class ExecutionRecord(BaseModel):
    """One execution: 0 is the first deployment of the pipeline, which precedes all of them.

    ``process`` is the one that goes on with it: after an approval, another one than before.
    """

    execution: int
    commit: str
    subject: str
    author: str
    branch: str
    started: float
    ended: float | None = None
    outcome: str = ""
    actions: list[ActionRecord]
    evidence: Evidence | None = None
    process: int = 0

    @classmethod
    def begin(cls, execution: int, commit: _Commit, actions: Iterable[ActionRecord]) -> ExecutionRecord:
        """Make the record of an execution that begins now."""
        return cls(
            execution=execution, commit=commit.identity, subject=commit.subject, author=commit.author,
            branch=commit.branch, started=time.time(), actions=list(actions), process=os.getpid(),
        )  # fmt: skip

    def goes_on(self) -> None:
        """Note that it is this process that goes on with it."""
        self.process = os.getpid()

    def action_begins(self, index: int) -> None:
        """Note that an action runs."""
        self.goes_on()
        action = self.actions[index]
        action.status, action.started, action.ended = Status.RUNNING, time.time(), None

    def action_ends(self, index: int, status: Status, figure: str = "") -> None:
        """Note how an action ended, or that it waits for a person."""
        action = self.actions[index]
        action.status, action.figure = status, figure
        action.ended = None if status is Status.WAITS else time.time()

    def decide(self, stage: str, name: str, status: Status, figure: str) -> None:
        """Note what was decided on an approval."""
        [index] = [at for at, each in enumerate(self.actions) if (each.stage, each.name) == (stage, name)]
        self.action_ends(index, status, figure)

    def end(self, outcome: str) -> None:
        """Note how the execution ended; what still ran then, or waited, was stopped."""
        self.outcome, self.ended = outcome, time.time()
        for index, action in enumerate(self.actions):
            if action.status in {Status.RUNNING, Status.WAITS}:
                self.action_ends(index, Status.STOPPED, action.figure)
