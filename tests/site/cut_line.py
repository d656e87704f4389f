"""A line to the database that goes dead at a chosen moment: what a client has sent arrives, no answer does."""

from __future__ import annotations

import socket
import threading
from types import TracebackType


class CutLine:
    """Listens at ``port`` and passes on what comes to ``upstream``, and the answers, until a client sends ``word``.

    From then on answers are left lying, and ``cut()`` closes the line to the database, which learns of it by a reset:
    that is what it sees of a client that was killed before it had read everything.
    """

    def __init__(self, upstream: tuple[str, int], word: bytes) -> None:
        self._upstream, self._word = upstream, word
        self._listener = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sent = threading.Event()
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

    def wait_until_sent(self) -> None:
        """Wait until the statement with the word is on its way."""
        assert self._sent.wait(30), "nobody sent it"

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
        while data := self._client.recv(65536):
            if self._word in data:
                self._sent.set()
            server.sendall(data)

    def _answer(self) -> None:
        assert self._server is not None
        assert self._client is not None
        while not self._sent.is_set():
            if self._server.recv(1, socket.MSG_PEEK) and not self._sent.is_set():
                self._client.sendall(self._server.recv(65536))
