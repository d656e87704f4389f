"""Pushes that wait for their turn: the newest of them alone, as in a pipeline whose execution mode is ``SUPERSEDED``.

Each push has a process of its own, which waits here until nobody rehearses. A newer push takes the place of one that
waits; an execution that is under way ends at the border of its stage where a push waits (``Executor``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pydantic import BaseModel

from containers.file_lock import Held, file_lock, sign
from rehearsal.lock import holder, locked
from rehearsal.values.exits import SUPERSEDED
from rehearsal.values.replaced_file import write

# Seconds between two looks at whether it is this push's turn.
_PAUSE = 0.2


class Push(BaseModel):
    """One push of a branch, ``at`` a time in seconds since the epoch; the higher ``number`` is the newer."""

    number: int
    commit: str
    branch: str
    at: float


class _Inbox(BaseModel):
    last: int = 0
    waiting: Push | None = None
    superseded: list[Push] = []


class Pushes:
    """The pushes of one checkout, below the state's folder: ``pushes/N.log`` is what the pusher reads."""

    def __init__(self, folder: Path) -> None:
        self._state = folder
        self._folder = folder / "pushes"
        self._file = self._folder / "inbox.json"

    def log(self, number: int) -> Path:
        """Return where the process of a push prints to."""
        return self._folder / f"{number}.log"

    def new(self) -> int:
        """Return the number of a push that has just come in."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with file_lock(self._lock, wait=True):
            inbox = self._read()
            inbox.last += 1
            self._write(inbox)
        return inbox.last

    def waiting(self) -> Push | None:
        """Return the push that waits for its turn, if its process lives."""
        push = self._read().waiting
        return push if push and holder(self._own_lock(push)) else None

    def in_turn(self, push: Push, say: Callable[[str], None], run: Callable[[list[Push]], int]) -> int:
        """Wait until nobody rehearses, and ``run``, given the pushes that this one superseded; the exit code.

        A push that is superseded while it waits does not run.
        """
        with locked(self._own_lock(push)):
            self._enter(push)
            waits_for = ""
            while self._is_next(push):
                with ExitStack() as stack:
                    try:
                        file = stack.enter_context(file_lock(self._state / "lock"))
                    except Held as held:
                        if not waits_for:
                            waits_for = held.holder
                            say(f"process {waits_for} rehearses now: this push goes on as soon as its stage has ended")
                        time.sleep(_PAUSE)
                        continue
                    sign(file, os.getpid())
                    superseded = self._take(push)
                    if superseded is not None:
                        return run(superseded)
        say("superseded: a newer push takes its place, or `make down` has removed what waited")
        return SUPERSEDED

    @property
    def _lock(self) -> Path:
        return self._folder / "lock"

    def _own_lock(self, push: Push) -> Path:
        return self._folder / f"{push.number}.lock"

    def _read(self) -> _Inbox:
        try:
            return _Inbox.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return _Inbox()

    def _write(self, inbox: _Inbox) -> None:
        write(self._file, inbox.model_dump_json())

    def _enter(self, push: Push) -> None:
        with file_lock(self._lock, wait=True):
            inbox = self._read()
            if inbox.waiting is None:
                inbox.waiting = push
            else:
                older, inbox.waiting = sorted((inbox.waiting, push), key=lambda each: each.number)
                inbox.superseded.append(older)
            self._write(inbox)

    def _is_next(self, push: Push) -> bool:
        return self._read().waiting == push

    def _take(self, push: Push) -> list[Push] | None:
        with file_lock(self._lock, wait=True):
            inbox = self._read()
            if inbox.waiting != push:
                return None
            superseded, inbox.superseded, inbox.waiting = inbox.superseded, [], None
            self._write(inbox)
        return superseded
