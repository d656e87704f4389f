"""An HTTP/1.1 answer as it comes in, in pieces, read by h11."""

from __future__ import annotations

import gzip
import zlib

import h11

_REQUEST = h11.Request(method="GET", target="/", headers=[("Host", "any")])
"""To h11 an answer follows a request; what was really asked with GET makes no difference to how the answer is read."""


class Malformed(Exception):
    """What came is no HTTP answer."""


class Reply:
    """Collects one answer: ``feed`` what came until it says True; ``end`` when the connection was closed."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.keep_alive = False
        self.started = False
        """Whether anything has come."""
        self._connection = h11.Connection(h11.CLIENT)
        self._connection.send(_REQUEST)
        self._connection.send(h11.EndOfMessage())

    def feed(self, data: bytes) -> bool:
        """Take what came, never nothing; True when the answer is whole. Raises ``Malformed``."""
        self.started = True
        try:
            return self._take(data)
        except h11.RemoteProtocolError as error:
            raise Malformed(str(error)) from error

    def end(self) -> bool:
        """The connection was closed; whether that ends the answer."""
        try:
            return self._take(b"")
        except h11.RemoteProtocolError:
            return False

    def text(self) -> str:
        """The body as text, decompressed."""
        try:
            body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else bytes(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise Malformed(f"a compressed body that cannot be read: {error}") from error
        return body.decode("utf-8", errors="replace")

    def _take(self, data: bytes) -> bool:
        self._connection.receive_data(data)
        while True:
            match self._connection.next_event():
                case h11.Response() as head:
                    self.status = head.status_code
                    self.headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                case h11.Data() as piece:
                    self.body += piece.data
                case h11.EndOfMessage():
                    if self._connection.trailing_data[0]:
                        raise Malformed("more than was announced")
                    self.keep_alive = self._connection.their_state is h11.DONE
                    return True
                case h11.InformationalResponse():
                    pass
                case _:  # more is needed, or the connection ended before anything came
                    return False
