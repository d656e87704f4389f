"""An HTTP/1.1 answer as it comes in, in pieces, read by geventhttpclient's parser (llhttp, in C)."""

from __future__ import annotations

import gzip
import zlib

from geventhttpclient._parser import HTTPParseError, HTTPResponseParser


class Malformed(Exception):
    """What came is no HTTP answer."""


class Reply(HTTPResponseParser):
    """Collects one answer: ``take`` what came until it says True; ``end`` when the connection was closed.

    Interim answers (1xx) are passed over.
    """

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.keep_alive = False
        # Whether anything has come.
        self.started = False
        self._whole = False
        self._name = ""
        self._value: str | None = None

    def take(self, data: bytes) -> bool:
        """Read what came; True when the answer is whole. Raise ``Malformed``."""
        self.started = True
        try:
            self.feed(data)
        except HTTPParseError as error:
            raise Malformed(str(error)) from error
        return self._whole

    def end(self) -> bool:
        """Take note that the connection was closed; return whether that ends the answer.

        Such an answer says nowhere how long it is.
        """
        return self.status > 0 and not self.headers.keys() & {"content-length", "transfer-encoding"}

    def text(self) -> str:
        """Return the body as text, decompressed."""
        try:
            body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else bytes(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise Malformed(f"a compressed body that cannot be read: {error}") from error
        return body.decode("utf-8", errors="replace")

    # Called by the parser. A name or a value that two packets share comes in pieces.

    def _on_message_begin(self) -> None:
        if self._whole:
            raise HTTPParseError("more than was announced")
        self.headers, self._name, self._value = {}, "", None

    def _on_status(self, text: str) -> None:
        pass

    def _on_header_field(self, text: str) -> None:
        if self._value is not None:
            self._keep_header()
        self._name += text

    def _on_header_value(self, text: str) -> None:
        self._value = (self._value or "") + text

    def _on_headers_complete(self) -> None:
        self._keep_header()
        code = self.get_code()
        self.status = code if code >= 200 else 0

    def _on_body(self, piece: bytes | bytearray) -> None:
        self.body += piece

    def _on_message_complete(self) -> None:
        self._whole = self.status > 0
        self.keep_alive = self.should_keep_alive()

    def _keep_header(self) -> None:
        if self._name:
            self.headers[self._name.lower()] = self._value or ""
        self._name, self._value = "", None
