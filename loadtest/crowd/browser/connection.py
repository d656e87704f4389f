"""A connection to the site: opened, secured, asked and closed."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import gevent.socket
from gevent.lock import Semaphore
from geventhttpclient.response import HTTPParseError

from loadtest.crowd.browser.address import DEFAULT_PORTS, normal
from loadtest.crowd.browser.answer import Answer, Heads, Parser, is_shortage
from loadtest.crowd.browser.arrivals import Act
from loadtest.crowd.browser.wire import Wire

# Seconds for which the addresses of a name are used again, as browsers do: a load balancer that grows is found.
ADDRESSES_FOR = 60.0
HEAD_ENDS = b"\r\n\r\n"
LINE_ENDS = b"\r\n"


class Stale(ConnectionError):
    """A kept connection turned out to be closed before anything of an answer came."""


_GONE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Origin:
    """The site's host and port, whether by TLS, and what all people of this process share of it.

    That is its addresses, and the heads of its answers.
    """

    def __init__(self, *, secure: bool, host: str, port: int) -> None:
        self.secure = secure
        self.host = host
        self.port = port
        self.heads = Heads()
        self._found: Sequence[tuple[int, Any]] = ()
        self._found_until = 0.0
        self._asking = Semaphore()

    @staticmethod
    def of(url: str) -> Origin:
        """Return the origin of a URL; there is one of each in a process. Raise ValueError for what is no address."""
        parts = urlsplit(normal(url))
        return _origin(parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme])

    def addresses(self) -> Sequence[tuple[int, Any]]:
        """Return family and address of each way to the host. Raise OSError when the name is not known."""
        if time.monotonic() >= self._found_until:
            with self._asking:  # one question for all who wait
                if time.monotonic() >= self._found_until:
                    found = gevent.socket.getaddrinfo(self.host, self.port, 0, socket.SOCK_STREAM)
                    self._found = [(family, address) for family, _, _, _, address in found]
                    self._found_until = time.monotonic() + ADDRESSES_FOR
        return self._found


@cache
def _origin(scheme: str, host: str, port: int) -> Origin:
    return Origin(secure=scheme == "https", host=host, port=port)


class Connection(Wire):
    """An open connection, kept alive while the server lets it. One greenlet at a time uses it."""

    __slots__ = ("_heads", "kept")

    def __init__(self, sock: socket.socket, heads: Heads, act: Act) -> None:
        super().__init__(sock, act)
        self._heads = heads
        # Whether it has brought an answer already.
        self.kept = False

    @classmethod
    def open(cls, origin: Origin, *, turn: int, session: ssl.SSLSession | None, act: Act | None = None) -> Connection:
        """Connect, and shake hands where the origin is secure, resuming ``session`` if there is one.

        Of several addresses, ``turn`` chooses the first to try. Raise OSError when none can be reached.
        """
        addresses = origin.addresses()
        act = act or Act()
        failure: OSError | None = None
        for place in range(len(addresses)):
            try:
                return cls._opened(origin, *addresses[(turn + place) % len(addresses)], session, act)
            except OSError as error:
                # A family of addresses that this machine does not have looks like a shortage: the other one tells.
                if failure is None or is_shortage(failure):
                    failure = error
        raise failure or OSError(f"{origin.host} has no address")

    @classmethod
    def _opened(cls, origin: Origin, family: int, address: Any, session: ssl.SSLSession | None, act: Act) -> Connection:
        connection = cls(cls.socket(family), origin.heads, act)
        try:
            connection.connect(address)
            if origin.secure:
                connection.secure(origin.host.removesuffix("."), session)
        except BaseException:
            connection.close()
            raise
        return connection

    def new_session(self) -> ssl.SSLSession | None:
        """Return the TLS session that this connection made, if the server gave a ticket to resume it.

        None if it has resumed one itself, or has not brought an answer: tickets come with the first.
        """
        if not self.kept:
            return None
        session = self.session
        return session if session and session.has_ticket else None

    def ask(self, request: bytes) -> tuple[Answer, bool]:
        """Send a request and read its answer; also whether the connection may be kept.

        Raise Stale, another OSError, HTTPParseError for a broken answer, or what ended the wait. The connection is
        good for nothing then but to be closed.
        """
        first = not self.kept
        answer, keep = self._answer(request)
        if first and keep:
            self.rest()
        return answer, keep

    def _answer(self, request: bytes) -> tuple[Answer, bool]:
        try:
            self.send(request)
            data = self.receive()
        except _GONE as error:
            if self.kept:
                raise Stale from error
            raise
        if not data:
            raise Stale if self.kept else HTTPParseError("closed before an answer")
        self.kept = True
        head, _, body = data.partition(HEAD_ENDS)
        known = self._heads.get(head)
        if known is None:
            return self._parsed(data, head)
        if len(body) < known.length:
            body += self._more(known.length - len(body))
        if len(body) == known.length:
            return known.with_body(body), known.keep
        # It ended too early, or goes on: the parser says what is wrong with it.
        return self._parsed(head + HEAD_ENDS + body, head, ended=len(body) < known.length)

    def ask_at_once(self, requests: Sequence[bytes]) -> Iterator[tuple[Answer, bool]]:
        """Send requests all at once, and give each answer, as ``ask`` does, in their order.

        It ends with the first answer after which the connection may not be kept. Raise as ``ask`` does.
        """
        self.send(b"".join(requests))
        first, data = not self.kept, b""
        for left in reversed(range(len(requests))):
            answer, keep, data = self._next(data)
            if data and not left:
                raise HTTPParseError("an answer that nobody asked for")
            self.kept = True
            if first and keep and not left:
                self.rest()
            yield answer, keep
            if not keep:
                return

    def _next(self, data: bytes) -> tuple[Answer, bool, bytes]:
        """Read one answer of several; return it, whether the connection may be kept, and what has come behind it."""
        parser: Parser | None = None
        while True:
            data = self._up_to(HEAD_ENDS, data)
            head, _, data = data.partition(HEAD_ENDS)
            known = self._heads.get(head) if parser is None else None
            if known is not None:
                data += self._more(known.length - len(data))
                if len(data) < known.length:
                    raise HTTPParseError("closed within an answer")
                return known.with_body(data[: known.length]), known.keep, data[known.length :]
            parser = parser or Parser()
            parser.feed(head + HEAD_ENDS)
            if parser.complete or parser.get_code() >= 200:
                break
        while not parser.complete:
            piece, data = self._part(parser, data)
            parser.feed(piece)
        answer, keep = parser.take(), parser.should_keep_alive()
        if parser.framed:
            self._heads.put(head, answer, keep=keep)
        return answer, keep, data

    def _part(self, parser: Parser, data: bytes) -> tuple[bytes, bytes]:
        """Return a part of a body, as far as its answer goes, and what has come behind that."""
        length = parser.get_remaining_content_length()
        if length:
            data += self._more(length - len(data))
            return data[:length], data[length:]
        if parser.chunked:  # the line with a chunk's length, the end of one, or a line behind the last
            data = self._up_to(LINE_ENDS, data)
            line, ends, data = data.partition(LINE_ENDS)
            return line + ends, data
        return data or self.receive(), b""  # it goes as far as the connection does

    def _up_to(self, end: bytes, data: bytes) -> bytes:
        """Return what has come, with what comes until an end is in it. Raise HTTPParseError if there is none."""
        while end not in data:
            piece = self.receive()
            if not piece:
                raise HTTPParseError("closed within an answer" if data else "closed before an answer")
            data += piece
        return data

    def _more(self, length: int) -> bytes:
        """Return so much more as comes, at least of a length where the server does not end before."""
        pieces = []
        while length > 0:
            piece = self.receive()
            if not piece:
                break
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def _parsed(self, data: bytes, head: bytes, *, ended: bool = False) -> tuple[Answer, bool]:
        parser = Parser()
        size = len(data)
        parser.feed(data)
        while not parser.complete:
            data = b"" if ended else self.receive()
            size += len(data)
            parser.feed(data)
        answer, keep = parser.take(), parser.should_keep_alive()
        if parser.framed and size == len(head) + len(HEAD_ENDS) + len(answer.body):
            self._heads.put(head, answer, keep=keep)
        return answer, keep
