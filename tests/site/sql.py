"""One session with a database for all statements of the tests: a client for each costs more than what it asks."""

from __future__ import annotations

import subprocess
import threading
import uuid
from typing import Final

from containers.engine import Engine

LONGEST: Final = 120.0  # seconds for one statement


class Refused(Exception):
    """The server refused a statement, or the session broke; the message holds the client's words."""


class Session:
    """The client of a database's container, as root. It starts when it is first asked, and anew where it has ended.

    Threads may share it: their statements come one after the other.
    """

    def __init__(self, engine: Engine, container: str) -> None:
        self._engine, self._container = engine, container
        self._lock = threading.Lock()
        self._client: subprocess.Popen[bytes] | None = None

    def rows(self, statements: str, database: str) -> list[list[str]]:
        """Return the rows of statements in a database, as text; a null is "NULL". Raise Refused."""
        with self._lock:
            client = self._running()
            end = uuid.uuid4().hex
            assert client.stdin is not None
            assert client.stdout is not None
            bound = threading.Timer(LONGEST, client.kill)
            bound.start()
            found: list[str] = []
            try:
                client.stdin.write(f"USE `{database}`;\n{statements}\n;\nSELECT '{end}';\n".encode())
                client.stdin.flush()
                for line in client.stdout:
                    text = line.decode(errors="replace").removesuffix("\n")
                    if text == end:
                        return [row.split("\t") for row in found]
                    found.append(text)
            except BrokenPipeError:
                pass  # its end is told below
            finally:
                bound.cancel()
            raise Refused(self._ended())

    def close(self) -> None:
        """End the client, if there is one."""
        with self._lock:
            if self._client is not None:
                self._ended()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._client is not None and self._client.poll() is not None:  # the database was stopped meanwhile
            self._ended()
        if self._client is None:
            self._client = subprocess.Popen(
                [
                    *(*self._engine.docker, "exec", "--interactive", self._container, "sql"),
                    *("--batch", "--skip-column-names", "--unbuffered", "--default-character-set=utf8mb4"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        return self._client

    def _ended(self) -> str:
        """Let the client end, which a refused statement makes it do; what it has said last."""
        assert self._client is not None
        client, self._client = self._client, None
        try:
            _, words = client.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            client.kill()
            _, words = client.communicate()
        return words.decode(errors="replace").strip() or f"the client ended with {client.returncode}"
