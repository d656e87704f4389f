"""A line to the database that counts round trips: how often a client waits for an answer."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class CountedLine:
    """Listens at ``port`` and passes on what comes to ``upstream``, and the answers.

    ``turns`` is how often a client spoke after the server had: who speaks is seen, encrypted or not. ``made``
    counts the connections.
    """

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._listener.getsockname()[1]
        self.turns = 0
        self.made = 0
        self._sockets: list[socket.socket] = [self._listener]

    def __enter__(self) -> CountedLine:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for each in self._sockets:
            with suppress(OSError):  # the other side has closed it
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._upstream)
                self._sockets += [client, server]
                self.made += 1
                silent = threading.Event()  # since the server has spoken, the client has not
                silent.set()
                threading.Thread(target=self._ask, args=(client, server, silent), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client, silent), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if silent.is_set():
                    self.turns += 1
                    silent.clear()
                server.sendall(data)

    def _answer(self, server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                silent.set()
                client.sendall(data)
