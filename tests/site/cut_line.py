"""A line to the database that goes dead at a chosen moment: what a client has sent arrives, no answer does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class CutLine:
    """Listens at ``port`` and passes on what comes to ``upstream``, and the answers, until ``hold()``.

    From then on answers are left lying, and ``cut()`` closes the line to the database, which learns of it by a reset:
    that is what it sees of a client that was killed before it had read everything. What travels is encrypted.
    """

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._listener.getsockname()[1]
        self._held = threading.Event()
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None

    def __enter__(self) -> CutLine:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.close()
        for each in (self._client, self._server):
            if each is not None:
                each.close()

    def hold(self) -> None:
        """Pass on no answer any more."""
        self._held.set()

    def cut(self) -> None:
        """Close the line to the database, with answers unread."""
        assert self._server is not None
        self._server.close()

    def _serve(self) -> None:
        try:
            self._client, _ = self._listener.accept()
        except OSError:
            return  # closed before anybody came
        self._server = server = socket.create_connection(self._upstream)
        threading.Thread(target=self._answer, daemon=True).start()
        with suppress(OSError):  # cut
            while data := self._client.recv(65536):
                server.sendall(data)

    def _answer(self) -> None:
        assert self._server is not None
        assert self._client is not None
        while not self._held.is_set():
            if self._server.recv(1, socket.MSG_PEEK) and not self._held.is_set():
                self._client.sendall(self._server.recv(65536))
