"""An HTTP/1.1 answer as it comes in, in pieces. Standard library alone: it also runs in the load's container."""

from __future__ import annotations

import gzip
import zlib

_HEAD_MAX = 65536


class Malformed(Exception):
    """What came is no HTTP answer."""


class Reply:
    """Collects one answer: ``feed`` what came until it says True; ``end`` when the connection was closed."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.keep_alive = False
        self._head = bytearray()
        self._left: int | None = None
        """Bytes missing of the body, or of the current chunk with its end of line; None until the connection closes."""
        self._chunked = False
        self._line = bytearray()
        self._trailer = False

    @property
    def started(self) -> bool:
        """Whether anything has come."""
        return bool(self._head)

    def feed(self, data: bytes) -> bool:
        """Take what came; True when the answer is whole."""
        if self.status:
            return self._take(data)
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            if len(self._head) > _HEAD_MAX:
                raise Malformed("a head without an end")
            return False
        rest = bytes(self._head[end + 4 :])
        self._read_head(self._head[:end].decode("latin-1"))
        return self._take(rest)

    def end(self) -> bool:
        """The connection was closed; whether that ends the answer."""
        return bool(self.status) and not self._chunked and self._left is None

    def text(self) -> str:
        """The body as text, decompressed."""
        try:
            body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else bytes(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise Malformed(f"a compressed body that cannot be read: {error}") from error
        return body.decode("utf-8", errors="replace")

    def _read_head(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise Malformed(f"a first line {first[:60]!r}")
        self.status = int(rest[:3])
        for line in lines:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self._chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        length = self.headers.get("content-length")
        if self._chunked or self.status in (204, 304):
            self._left = 0
        elif length is not None:
            if not length.isdigit():
                raise Malformed(f"a content length of {length!r}")
            self._left = int(length)
        closes = self.headers.get("connection", "").lower() == "close" or version == "HTTP/1.0"
        self.keep_alive = not closes and self._left is not None

    def _take(self, data: bytes) -> bool:
        if self._chunked:
            return self._take_chunks(data)
        self.body += data
        if self._left is None:
            return False
        self._left -= len(data)
        if self._left < 0:
            raise Malformed("more than was announced")
        return self._left == 0

    def _take_chunks(self, data: bytes) -> bool:
        place = 0
        while place < len(data):
            if self._left:
                piece = data[place : place + self._left]
                self._left -= len(piece)
                place += len(piece)
                self.body += piece
                if self._left == 0:
                    del self.body[-2:]  # the chunk's own end of line
                continue
            end = data.find(b"\n", place)
            if end < 0:
                self._line += data[place:]
                return False
            line = bytes(self._line + data[place:end]).strip()
            self._line.clear()
            place = end + 1
            if self._trailer:
                if not line:
                    return True
                continue
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                raise Malformed(f"a chunk of size {line[:20]!r}") from None
            self._trailer = size == 0
            self._left = size + 2 if size else 0
        return False
