"""People with browsers, on plain sockets: they ask, wait, lose patience, abort and ask again.

``python3 -m bench.site.people JSON`` runs in the load's container (standard library, geventhttpclient) and prints what
happened as
one line of JSON. The specification, times in seconds:

    port, host, path    where: 127.0.0.1:port, the Host header, the path; ``{n}`` in it is another number each time
    headers             further headers of every request; ``{n}`` is the person's number
    good_bytes          the smallest body of a 200 that is the page (as sent)
    seconds             how long all of it takes
    patience            after so long a person aborts, which closes the connection
    retry               [from, to]: the pause before a person asks again who got no good page
    crowds              [{people, start, end, gap}]: each asks again a lognormal pause (mean gap) after a good page
    revalidate          true: a person whose page has a validator asks with it, and a 304 is a good page
    arrivals            [{rate, start, end}]: so many new people a second, who ask once, in an open loop
    seed                of all the pauses

The answer: ``ended`` (seconds from the start), ``took`` (seconds from when the person meant to ask) and ``kind`` of
each attempt, in order, a letter each: g good page, w waiting page, e error, a abort; then ``lag`` (the 99th percentile
of how late the client itself acted, seconds), ``busy`` (its share of a core), ``requests``, those that were sent, and
``received``, the bytes of all answers.
"""

from __future__ import annotations

import errno
import gc
import heapq
import json
import math
import random
import resource
import select
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.site.reply import Malformed, Reply

# Of the logarithm of the pauses; docs/benchmark.md names the source.
SIGMA = 0.6
BLOCK = 262144
PENDING = {errno.EINPROGRESS, errno.EAGAIN, errno.ENOTCONN}
WAITING = 'data-floodgate-state="waiting"'


class Person:
    """One browser: at most one request at a time, its connection kept while it is good."""

    def __init__(self, number: int, mean_gap: float | None, leaves: float) -> None:
        self.number = number
        # None for somebody who asks once.
        self.mean_gap = mean_gap
        self.leaves = leaves
        self.sock: socket.socket | None = None
        self.reply = Reply()
        self.request = b""
        # Of the page that the browser has.
        self.validator: str | None = None
        self.sent = False
        self.fresh = True
        self.moment = 0.0
        self.asking = False
        # Counts what the person does, so that a timer of the past is known as such.
        self.turn = 0


class Crowd:
    """Runs all people on one epoll."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.random = random.Random(spec["seed"])  # noqa: S311 - pauses, not secrets
        self.epoll = select.epoll()
        self.by_fd: dict[int, Person] = {}
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.numbers = 0
        self.ended: list[float] = []
        self.took: list[float] = []
        self.kinds: list[str] = []
        self.lags: list[float] = []
        self.requests = self.received = 0
        self.began = 0.0

    def run(self) -> dict[str, Any]:
        """Do all of the specification, and return what happened."""
        self._allow_connections()
        self.began = time.monotonic()
        cpu = time.process_time()
        self._plan()
        stop = self.began + self.spec["seconds"]
        while (now := time.monotonic()) < stop:
            while self.timers and self.timers[0][0] <= now:
                due, _, action = heapq.heappop(self.timers)
                self.lags.append(now - due)
                action()
                now = time.monotonic()
            until = min(self.timers[0][0] if self.timers else stop, stop)
            for fd, _events in self.epoll.poll(max(until - time.monotonic(), 0)):
                if person := self.by_fd.get(fd):
                    self._progress(person)
        seconds = time.monotonic() - self.began
        lags = sorted(self.lags) or [0.0]
        return {
            "ended": [round(value, 4) for value in self.ended],
            "took": [round(value, 5) for value in self.took],
            "kind": "".join(self.kinds),
            "lag": round(lags[min(len(lags) - 1, int(len(lags) * 0.99))], 4),
            "busy": round((time.process_time() - cpu) / seconds, 3),
            "requests": self.requests,
            "received": self.received,
        }

    def _plan(self) -> None:
        for crowd in self.spec.get("crowds", ()):
            for _ in range(crowd["people"]):
                person = Person(self._number(), crowd["gap"], self.began + crowd["end"])
                # They come in the middle of a pause, as if they had been there all the time: a long pause is likelier
                # to be come into than a short one. So the rate is the same from the first second on.
                middle = math.log(crowd["gap"]) + SIGMA**2 / 2
                first = self.began + crowd["start"] + self.random.random() * self.random.lognormvariate(middle, SIGMA)
                self._at(first, person, self._ask)
                self._at(person.leaves, None, lambda person=person: self._leave(person))
        for stream in self.spec.get("arrivals", ()):
            self._arrive(stream, 0)

    def _arrive(self, stream: dict[str, float], count: int) -> None:
        """Let the next of a stream of people come who ask once, evenly spaced."""
        # By counts: added to a clock's reading, the end and the last moment may be rounded past each other.
        if count >= stream["rate"] * (stream["end"] - stream["start"]) - 1e-6:
            return
        moment = self.began + stream["start"] + count / stream["rate"]

        def come() -> None:
            person = Person(self._number(), None, math.inf)
            self._ask(person, moment)
            self._arrive(stream, count + 1)

        self._at(moment, None, come)

    def _at(self, moment: float, person: Person | None, action: Callable[..., None]) -> None:
        """Do something then; what a person has meanwhile turned from is not done."""
        self.numbers += 1
        turn = person.turn if person else 0

        def act() -> None:
            if person is None:
                action()
            elif person.turn == turn:
                action(person, moment)

        heapq.heappush(self.timers, (moment, self.numbers, act))

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _ask(self, person: Person, moment: float) -> None:
        number = self._number()
        host, path = self.spec["host"], self.spec["path"].replace("{n}", str(number))
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value.replace('{n}', str(person.number))}" for name, value in self.spec["headers"].items()]
        if person.validator:
            lines.append(f"If-None-Match: {person.validator}")
        if person.mean_gap is None:
            lines.append("Connection: close")
        person.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        person.moment = moment
        person.turn += 1
        person.asking = True
        self.requests += 1
        self._at(moment + self.spec["patience"], person, lambda person, _: self._finish(person, "a"))
        self._send(person)

    def _send(self, person: Person) -> None:
        person.reply = Reply()
        person.sent = False
        person.fresh = person.sock is None
        try:
            if person.sock is None:
                self._connect(person)
            self._progress(person)
        except OSError:
            self._finish(person, "e")

    def _connect(self, person: Person) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        person.sock = sock
        self.by_fd[sock.fileno()] = person
        result = sock.connect_ex(("127.0.0.1", self.spec["port"]))
        if result and result not in PENDING:
            raise OSError(result, "connect")
        self.epoll.register(sock.fileno(), select.EPOLLOUT)

    def _progress(self, person: Person) -> None:
        """Send or read what can be sent or read now."""
        sock = person.sock
        if sock is None:
            return
        try:
            if person.asking and not person.sent:
                sock.send(person.request)  # smaller than any socket's buffer: it goes whole or not at all
                person.sent = True
                self.epoll.modify(sock.fileno(), select.EPOLLIN)
                return
            data = sock.recv(BLOCK)
            self.received += len(data)
            if not person.asking:
                self._close(person)  # the server closed an idle connection
            elif data:
                if person.reply.take(data):
                    self._finish(person, self._kind(person))
            elif person.reply.end():
                self._finish(person, self._kind(person))
            else:
                self._broken(person)
        except BlockingIOError:
            return
        except Malformed:
            self._finish(person, "e")
        except OSError as error:
            if error.errno in PENDING:
                return
            self._broken(person)

    def _broken(self, person: Person) -> None:
        """Ask once more on a new connection, as a browser does: a kept one may have been closed just now."""
        again = person.asking and not person.fresh and not person.reply.started
        self._close(person)
        if again:
            self._send(person)
        elif person.asking:
            self._finish(person, "e")

    def _kind(self, person: Person) -> str:
        reply = person.reply
        if reply.status == 304 and person.validator:
            return "g"
        if reply.status == 200:
            person.validator = reply.headers.get("etag") if self.spec.get("revalidate") else None
            return "g" if len(reply.body) >= self.spec["good_bytes"] else "e"
        return "w" if reply.status in (429, 503) and WAITING in reply.text() else "e"

    def _finish(self, person: Person, kind: str) -> None:
        """End an attempt; the person thinks of the next."""
        now = time.monotonic()
        self.ended.append(now - self.began)
        self.took.append(now - person.moment)
        self.kinds.append(kind)
        person.asking = False
        person.turn += 1
        if kind in "ae" or person.mean_gap is None or not person.reply.keep_alive:
            self._close(person)
        if person.mean_gap is None:
            return
        if kind == "g":
            pause = self.random.lognormvariate(math.log(person.mean_gap) - SIGMA**2 / 2, SIGMA)
        else:
            pause = self.random.uniform(*self.spec["retry"])
        if now + pause < person.leaves:
            self._at(now + pause, person, self._ask)

    def _leave(self, person: Person) -> None:
        person.turn += 1
        person.asking = False
        self._close(person)

    def _close(self, person: Person) -> None:
        if person.sock is not None:
            del self.by_fd[person.sock.fileno()]
            person.sock.close()
            person.sock = None

    @staticmethod
    def _allow_connections() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    # What was imported stays: looking through it for garbage again and again makes thousands of people late together.
    gc.collect()
    gc.freeze()
    print(json.dumps(Crowd(json.loads(sys.argv[1])).run()))
