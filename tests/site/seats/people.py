"""People at the form, over bare sockets: a request can be cut at any byte."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urlsplit

from tests.site.seats.plan import Habit, Person, Plan, Try
from tests.site.seats.record import Answer, Record
from tests.site.task import STORM_TOKEN
from tests.site.visitor import Form, marker

# Seconds between an answer that says "later" and the next try.
PAUSE = (0.03, 0.25)
# Seconds; longer than any answer may take.
ANSWER_MAX = 40
FOREIGN = re.compile(r"Person (\d{3}) of \d+")


class Unanswered(Exception):
    """The connection ended before a whole answer was there."""


@dataclass
class Crowd:
    """All the people of one storm."""

    plan: Plan
    form: Form
    record: Record = field(default_factory=Record)
    dice: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.dice.seed(self.plan.seed)
        self.record.attempts = {person.number: [] for person in self.plan.people}

    async def storm(self) -> None:
        """Let everybody come, ask as their habits are, and stay until an answer comes, or quit."""
        await asyncio.gather(*(self._visit(person) for person in self.plan.people if not person.late))

    async def come_late(self) -> None:
        """Let those come who come when the storm is over."""
        await asyncio.gather(*(self._visit(person) for person in self.plan.people if person.late))

    async def settle(self) -> None:
        """Let everybody who did not quit ask once more: a seat may have become free."""
        staying = [person for person in self.plan.people if not person.quits]
        answers = await asyncio.gather(*(self._ask_until_answered(person, 0, joins=False) for person in staying))
        self.record.settled = dict(zip((person.number for person in staying), answers, strict=True))

    async def _visit(self, person: Person) -> None:
        await asyncio.sleep(person.arrives)
        for attempt in person.tries:
            await self._try(person, attempt)
        if not person.quits:
            await self._ask_until_answered(person, self.dice.randrange(16))

    async def _ask_until_answered(self, person: Person, spelling: int, *, joins: bool = True) -> Answer:
        """Ask as a browser does: a waiting page leads back to the form's address, and what is there is used."""
        # Whoever went away from an answer opens the page anew, or sends the form that is still there.
        offered: Form | None = self.form if not person.tries or self.dice.random() < 0.5 else None
        while True:
            if offered is None:
                offered = await self._come_back()
                if offered is None:
                    await asyncio.sleep(self.dice.uniform(*PAUSE))
                    continue
            answer = await self._ask(person, spelling, form=offered)
            if answer is not None and answer.state == "invalid":
                offered = self.form  # a seat has become free, so the form is there again
            elif answer is not None and answer.state == "waiting":
                offered = None
            elif answer is not None and answer.state == "sold-out" and joins and self._would_wait(person, offered):
                offered = replace(self.form, hidden={**self.form.hidden, "queue": "1"})
            elif answer is not None:
                return answer
            await asyncio.sleep(self.dice.uniform(*PAUSE))

    def _would_wait(self, person: Person, sent: Form) -> bool:
        return self.plan.waiting_list and person.wish is not None and "queue" not in sent.hidden

    async def answer_offer(self, person: Person, link: str) -> bool:
        """Let somebody who is offered a seat press the button that they would; whether an answer came."""
        try:
            async with self._connection(reset=False) as (reader, writer):
                body = urlencode({"do": str(person.wish)})
                where = urlsplit(self.form.action)
                writer.write(
                    f"POST {link} HTTP/1.0\r\nHost: {where.netloc}\r\nAccept: text/html\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                )
                await writer.drain()
                status, _ = await _read(reader)
        except (OSError, Unanswered, asyncio.IncompleteReadError):
            return False
        return status == 200

    async def _come_back(self) -> Form | None:
        """Return what the page offers that the waiting page leads to; None if it is to be looked at again."""
        try:
            async with self._connection(reset=False) as (reader, writer):
                where = urlsplit(self.form.action)
                path = where.path.replace("/floodgate/claim/", "/register/")
                writer.write(f"GET {path} HTTP/1.0\r\nHost: {where.netloc}\r\nAccept: text/html\r\n\r\n".encode())
                await writer.drain()
                _, page = await _read(reader)
        except (OSError, Unanswered, asyncio.IncompleteReadError):
            return None
        match marker(page, "state"):
            case "open":
                return Form.within(page)
            case "sold-out":
                return Form.within(page, "floodgate-find")
            case _:
                return None

    async def _try(self, person: Person, attempt: Try) -> None:
        match attempt.habit:
            case Habit.PLAIN:
                await self._ask(person, attempt.spelling)
            case Habit.DOUBLE:
                await asyncio.gather(*(self._ask(person, attempt.spelling) for _ in range(2)))
            case Habit.IMPATIENT:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ask(person, attempt.spelling, reset=attempt.reset), attempt.patience)
            case Habit.HASTY:
                await self._send_and_go(person, attempt, 1.0)
            case Habit.TORN:
                await self._send_and_go(person, attempt, self.dice.random())

    async def _ask(
        self, person: Person, spelling: int, *, reset: bool = False, form: Form | None = None
    ) -> Answer | None:
        """Send the form and read the answer; None if none arrived whole."""
        asked_at = time.monotonic()
        self.record.attempts[person.number].append(asked_at)
        try:
            async with self._connection(reset=reset) as (reader, writer):
                writer.write(self._request(person, spelling, form or self.form))
                await writer.drain()
                status, page = await _read(reader)
        except (OSError, Unanswered, asyncio.IncompleteReadError):
            return None
        answer = Answer(
            person=person.number,
            asked_at=asked_at,
            answered_at=time.monotonic(),
            status=status,
            state=marker(page, "state"),
            code=marker(page, "code"),
            again=marker(page, "again") == "yes",
            foreign=self._foreign(person, page),
            place=marker(page, "place"),
        )
        if not (form is not None and "find" in form.hidden and answer.state == "invalid"):
            self.record.answers.append(answer)
        return answer

    async def _send_and_go(self, person: Person, attempt: Try, share: float) -> None:
        request = self._request(person, attempt.spelling, self.form)
        self.record.attempts[person.number].append(time.monotonic())
        with contextlib.suppress(OSError):
            async with self._connection(reset=attempt.reset) as (_, writer):
                writer.write(request[: max(1, int(len(request) * share))])
                await writer.drain()
                await asyncio.sleep(attempt.patience)

    def _request(self, person: Person, spelling: int, form: Form) -> bytes:
        name, email = person.spelled(spelling)
        fields = {**form.hidden, "name": name, "email": email, "nothing": ""}
        if "browser" in fields:
            fields["browser"] = f"{person.number:032x}"
        if self.plan.has_question:
            fields["answer[wish]"] = person.answer
        body = urlencode(fields)
        where = urlsplit(self.form.action)
        return (
            f"POST {where.path} HTTP/1.0\r\nHost: {where.netloc}\r\nAccept: text/html\r\n"
            # A storm comes from one address: the site's limits are to count its people.
            f"X-Floodgate-Storm: {STORM_TOKEN}\r\nX-Floodgate-Person: {self.plan.seed}-{person.number}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"\r\n{body}"
        ).encode()

    def _foreign(self, person: Person, page: str) -> str | None:
        for number in FOREIGN.findall(page):
            if int(number) != person.number:
                return f"person {int(number)}"
        return None

    @contextlib.asynccontextmanager
    async def _connection(self, *, reset: bool) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        where = urlsplit(self.form.action)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            yield reader, writer
        finally:
            if reset:
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Read status and body of the one answer on this connection. Raise Unanswered when the page has no end."""
    raw = await asyncio.wait_for(reader.read(-1), ANSWER_MAX)
    head, _, body = raw.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.\d (\d{3})", head)
    if status is None or not body.rstrip().endswith(b"</html>"):
        raise Unanswered
    return int(status[1]), body.decode()
