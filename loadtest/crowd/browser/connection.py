"""A connection to the site: opened, secured, asked and closed."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import gevent.socket
import gevent.ssl
from gevent.lock import Semaphore
from gevent.monkey import get_original
from geventhttpclient.response import HTTPParseError

from loadtest.crowd.browser.address import DEFAULT_PORTS, normal
from loadtest.crowd.browser.answer import Answer, Parser, is_shortage

READ_BLOCK = 65536
# The system's own: gevent's would wait for a turn of its loop.
_poll: Callable[[], Any] = get_original("select", "poll")
# Seconds for which the addresses of a name are used again, as browsers do: a load balancer that grows is found.
ADDRESSES_FOR = 60.0


class Stale(ConnectionError):
    """A kept connection turned out to be closed before anything of an answer came."""


_GONE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


@cache
def shared_context() -> ssl.SSLContext:
    """Return one TLS context for all people: each one of their own would cost 19 ms and 836 KiB.

    It trusts whom the system trusts (``SSL_CERT_FILE`` names another file), and the master and the smoke test ask by it
    too.
    """
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which waits without blocking the other people
    context.load_default_certs()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Origin:
    """The site's host and port, whether by TLS, and what all people of this process share of it: its addresses."""

    def __init__(self, *, secure: bool, host: str, port: int) -> None:
        self.secure = secure
        self.host = host
        self.port = port
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


class Connection:
    """An open connection, kept alive while the server lets it. One greenlet at a time uses it."""

    __slots__ = ("_parser", "_sock", "kept")

    def __init__(self, sock: gevent.socket.socket) -> None:
        self._sock = sock
        self._parser = Parser()
        # Whether it has brought an answer already.
        self.kept = False

    @classmethod
    def open(cls, origin: Origin, *, turn: int, session: ssl.SSLSession | None) -> Connection:
        """Connect, and shake hands where the origin is secure, resuming ``session`` if there is one.

        Of several addresses, ``turn`` chooses the first to try. Raise OSError when none can be reached.
        """
        addresses = origin.addresses()
        failure: OSError | None = None
        for place in range(len(addresses)):
            try:
                return cls(_socket(origin, *addresses[(turn + place) % len(addresses)], session))
            except OSError as error:
                # A family of addresses that this machine does not have looks like a shortage: the other one tells.
                if failure is None or is_shortage(failure):
                    failure = error
        raise failure or OSError(f"{origin.host} has no address")

    def new_session(self) -> ssl.SSLSession | None:
        """Return the TLS session that this connection made, if the server gave a ticket to resume it.

        None if it has resumed one itself.
        """
        sock = self._sock
        if not isinstance(sock, gevent.ssl.SSLSocket) or sock.session_reused:
            return None
        session = sock.session
        return session if session and session.has_ticket else None

    def alive(self) -> bool:
        """Return whether the idle connection is still good: nothing can be read from it, not even its end."""
        number = self._sock.fileno()
        if number < 0:
            return False
        poller = _poll()  # select() fails for descriptors above 1023
        poller.register(number, select.POLLIN)
        return not poller.poll(0)

    def ask(self, request: bytes) -> tuple[Answer, bool]:
        """Send a request and read its answer; also whether the connection may be kept.

        Raise Stale, another OSError, HTTPParseError for a broken answer, or what ended the wait. The connection is
        good for nothing then but to be closed.
        """
        parser, sock = self._parser, self._sock
        try:
            sock.sendall(request)
            while not parser.complete:
                data = sock.recv(READ_BLOCK)
                if not data and not parser.begun:
                    raise Stale if self.kept else HTTPParseError("closed before an answer")
                parser.feed(data)
        except _GONE as error:
            if self.kept and not parser.begun:
                raise Stale from error
            raise
        self.kept = True
        return parser.take(), parser.should_keep_alive()

    def close(self) -> None:
        """Close; the server sees it at once."""
        self._sock.close()


def _socket(origin: Origin, family: int, address: Any, session: ssl.SSLSession | None) -> gevent.socket.socket:
    sock = gevent.socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
        if origin.secure:
            sock = shared_context().wrap_socket(
                sock, server_hostname=origin.host.removesuffix("."), session=session, do_handshake_on_connect=False
            )
            sock.do_handshake()
    except BaseException:
        sock.close()
        raise
    return sock
