"""A socket of a person's: connected, secured, written and read, with nothing between it and gevent's loop.

gevent's own sockets wait in the same way. They do more besides: two watchers for each, a layer of Python for each call,
and a first try to read what cannot have come yet. Of a request's time that was a fifth.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from gevent.monkey import get_original
from greenlet import greenlet

from loadtest.crowd.browser.arrivals import READ, WRITE, Act, arrivals

# What is read goes here, and what has come is copied: a block of its own for each read would be split by the heap and
# put together again, which where many read was a fifth of their time. Nobody waits between the two.
_BLOCK: Final = memoryview(bytearray(65536))
# The system's own; Locust has gevent put its in their place. gevent's poll would wait for a turn of its loop.
_socket: Callable[[int, int], socket.socket] = get_original("socket", "socket")
_poll: Callable[[], Any] = get_original("select", "poll")


@cache
def shared_context() -> ssl.SSLContext:
    """Return one TLS context for all people: each one of their own would cost 19 ms and 836 KiB.

    It trusts whom the system trusts (``SSL_CERT_FILE`` names another file), and the master and the smoke test ask by it
    too.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Wire:
    """A socket that waits without blocking the other people. One greenlet at a time uses it.

    Whatever ends a wait (an error, a ``gevent.Timeout``) leaves it good for nothing but to be closed.
    """

    __slots__ = ("_arrivals", "_sock", "_tls", "act", "actor", "registered")

    def __init__(self, sock: socket.socket, act: Act) -> None:
        """Take a socket that does not block, and what somebody does with it."""
        self._sock = sock
        # OpenSSL's connection, where there is one.
        self._tls: Any = None
        self._arrivals = arrivals()
        self.act = act
        self.actor: greenlet | None = None
        self.registered = False

    @staticmethod
    def socket(family: int) -> socket.socket:
        """Return a new one, unconnected, that does not block and sends at once."""
        sock = _socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def connect(self, address: Any) -> None:
        """Connect. Raise OSError."""
        number = self._sock.connect_ex(address)
        if number == errno.EINPROGRESS:
            self._wait_to_write()
            number = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, os.strerror(number))

    def secure(self, name: str, session: ssl.SSLSession | None) -> None:
        """Shake hands with the server of a name, resuming a session if there is one. Raise OSError."""
        # By the call on which Python's own SSLSocket and gevent's stand: each of these objects asks the system five
        # things besides that are known here.
        context: Any = shared_context()
        self._tls = context._wrap_socket(self._sock, False, name, session=session)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._wait_to_read()
            except ssl.SSLWantWriteError:
                self._wait_to_write()
            else:
                return

    @property
    def session(self) -> ssl.SSLSession | None:
        """The TLS session that this connection made; None in clear, and where it has resumed one itself."""
        if self._tls is None or self._tls.session_reused:
            return None
        session: ssl.SSLSession | None = self._tls.session
        return session

    def send(self, data: bytes) -> None:
        """Send all of it. Raise OSError."""
        write = self._sock.send if self._tls is None else self._tls.write
        while True:
            try:
                sent = write(data)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait_to_write()
            except ssl.SSLWantReadError:
                self._wait_to_read()
            else:
                if sent == len(data):
                    return
                data = data[sent:]

    def receive(self) -> bytes:
        """Return what has come, once something has; nothing at the end. Raise OSError."""
        while True:
            self._wait_to_read()
            try:
                size = self._sock.recv_into(_BLOCK) if self._tls is None else self._tls.read(len(_BLOCK), _BLOCK)
            except (BlockingIOError, ssl.SSLWantReadError):
                continue  # of an encrypted record there is but a part, or it held a ticket for a session
            except ssl.SSLWantWriteError:
                self._wait_to_write()
                continue
            except ssl.SSLEOFError:
                return b""  # many servers end so; whether the answer is whole, its parser tells
            return bytes(_BLOCK[:size])

    def rest(self) -> None:
        """Give back what a connection that stays idle does not need.

        With the first answer OpenSSL 3.0 reads the server's tickets, and gets a buffer of 16 KiB to answer
        them in; it keeps that until something has been written. An empty write sends nothing.
        """
        if self._tls is not None:
            self._tls.write(b"")

    def quiet(self) -> bool:
        """Return whether nothing can be read, not even the end."""
        number = self._sock.fileno()
        if number < 0:
            return False
        poller = _poll()  # select() fails for descriptors above 1023
        poller.register(number, select.POLLIN)
        return not poller.poll(0)

    def close(self) -> None:
        """Close; the server sees it at once."""
        self._tls = None
        self._sock.close()

    def _wait_to_read(self) -> None:
        self._arrivals.wait(self, self._sock.fileno(), READ)

    def _wait_to_write(self) -> None:
        self._arrivals.wait(self, self._sock.fileno(), WRITE)
