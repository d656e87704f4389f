"""People who keep asking while something changes: bounded in number, and over when the block ends."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LONGEST = 200.0  # seconds, whatever happens


@dataclass
class Answers:
    """What came back: answers by status and body, and what went wrong."""

    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


@contextmanager
def asking(port: int) -> Iterator[Answers]:
    """Let five clients ask until the end of the block.

    With connections kept open and busy, kept open and rarely used, always new, and with slow pages.
    """
    answers, over = Answers(), threading.Event()
    until = time.monotonic() + _LONGEST
    habits = [("/", True, 0.03), ("/", True, 0.7), ("/", True, 1.9), ("/", False, 0.03), ("/slow", False, 0.03)]
    clients = [threading.Thread(target=_ask, args=(port, *habit, answers, over, until)) for habit in habits]
    for client in clients:
        client.start()
    try:
        yield answers
    finally:
        over.set()
        for client in clients:
            client.join()


def _ask(  # noqa: PLR0917 - a thread's arguments are positional
    port: int, path: str, keep: bool, pause: float, answers: Answers, over: threading.Event, until: float
) -> None:
    connection = None
    while not over.is_set() and time.monotonic() < until:
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            answer = connection.getresponse()
            answers.counts[answer.status, answer.read().decode()] += 1
        except (OSError, http.client.HTTPException) as error:
            answers.errors.append(f"{path}: {error!r}")
            connection = None
        if connection and not keep:
            connection.close()
            connection = None
        over.wait(pause)
    if connection:
        connection.close()
