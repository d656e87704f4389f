"""People who keep asking while something changes: bounded in number, and over when the block ends."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

NOTHING: Mapping[str, str] = {}
_LONGEST = 200.0  # seconds, whatever happens
# Seconds after which somebody who reloads has got no answer: on a busy machine one may take longer than a person waits.
PATIENCE = 40


@dataclass
class Answers:
    """What came back: answers by status and body, and what went wrong."""

    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


@dataclass
class Page:
    """What came back; of the tests' own site also the number of the answer, and what the site was asked."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def number(self) -> int:
        """The number that the site gave to its answer; -1 where the answer has none."""
        return int(self._said.get("number", -1))

    @property
    def asked(self) -> dict[str, str]:
        """The headers that came to the site."""
        return dict(self._said["asked"])

    @property
    def _said(self) -> dict[str, Any]:
        return dict(json.loads(self.body)) if self.body.startswith(b"{") else {}


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks for a public name at an address of this machine, with trust in ``certificates`` alone."""

    address: str
    name: str
    certificates: str
    secure_port: int = 443

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] = NOTHING, *, secure: bool = True) -> Page:
        """Ask once, on a connection of its own."""
        made: socket.socket = socket.create_connection((self.address, self.secure_port if secure else 80), timeout=10)
        if secure:
            made = ssl.create_default_context(cadata=self.certificates).wrap_socket(made, server_hostname=self.name)
        connection = http.client.HTTPConnection(self.name)
        connection.sock = made
        body = "x" if method == "POST" else None
        connection.request(method, path, body, {"Host": self.name, **headers})
        answer = connection.getresponse()
        page = Page(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return page


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


@contextmanager
def reloading(port: int, people: int, pause: float) -> Iterator[Answers]:
    """Let so many people reload, each after ``pause`` seconds on average, until the end of the block.

    Half of them keep their connection, as a browser does; half take a new one each time.
    """
    answers, over = Answers(), threading.Event()
    crowd = threading.Thread(target=lambda: asyncio.run(_crowd(port, people, pause, answers, over)))
    crowd.start()
    try:
        yield answers
    finally:
        over.set()
        crowd.join()


async def _crowd(port: int, people: int, pause: float, answers: Answers, over: threading.Event) -> None:
    until = time.monotonic() + _LONGEST
    dice = random.Random(people)

    async def person(keep: bool, first: float) -> None:
        await asyncio.sleep(first)
        streams = None
        while not over.is_set() and time.monotonic() < until:
            try:
                fresh = streams is None
                reader, writer = streams or await asyncio.open_connection("127.0.0.1", port)
                streams = (reader, writer)
                writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode()
                length = next(line for line in head.lower().splitlines() if line.startswith("content-length:"))
                body = await asyncio.wait_for(reader.readexactly(int(length.split(":")[1])), PATIENCE)
                answers.counts[int(head.split()[1]), body.decode()] += 1
                if not keep or "connection: close" in head.lower():
                    writer.close()
                    streams = None
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                streams = None
                # A connection that was idle may end: a browser asks again on a new one, and nobody notices.
                if fresh:
                    answers.errors.append(repr(error))
                else:
                    continue
            await asyncio.sleep(dice.uniform(0, 2 * pause))
        if streams:
            streams[1].close()

    await asyncio.gather(*(person(number % 2 == 0, dice.uniform(0, pause)) for number in range(people)))
