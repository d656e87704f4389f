"""An answer from the wire, put together by geventhttpclient's parser (llhttp, in C)."""

from __future__ import annotations

import errno
import zlib
from typing import Final, NamedTuple

import brotli
from geventhttpclient._parser import HTTPParseError, HTTPResponseParser

# What a request may raise when no whole answer came back.
FAILURES: Final = (OSError, HTTPParseError, zlib.error, brotli.error)
# What the system says when this machine has no descriptor, port or memory left for another connection.
SHORTAGES: Final = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}


def is_shortage(error: Exception) -> bool:
    """Return whether a request failed for want of something of the generator's, and the site had no part in it."""
    return isinstance(error, OSError) and error.errno in SHORTAGES


class Answer(NamedTuple):
    """A whole answer: its body as sent, and the headers that matter to a browser; times in seconds."""

    status: int
    body: bytes
    encoding: str | None
    location: str | None
    etag: str | None
    last_modified: str | None
    max_age: float
    no_store: bool
    retry_after: float | None


class Parser(HTTPResponseParser):
    """The answers of one connection, one after the other. Interim ones (1xx) are passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.complete = False
        # Whether anything of the next answer has come.
        self.begun = False
        self._headers: dict[str, str] = {}
        self._name = ""
        self._value: str | None = None
        self._body: bytes | bytearray = b""

    def take(self) -> Answer:
        """Take the answer that is complete; the parser is ready for the next one then."""
        self.complete = self.begun = False
        header = self._headers.get
        answer = Answer(
            self.get_code(),
            bytes(self._body),
            header("content-encoding"),
            header("location"),
            header("etag"),
            header("last-modified"),
            max_age(header("cache-control")),
            "no-store" in header("cache-control", "").lower(),
            _seconds(header("retry-after")),
        )
        self._body = b""
        return answer

    # Called by the parser. A name or a value that two packets share comes in pieces.

    def _on_message_begin(self) -> None:
        if self.complete:
            raise HTTPParseError("an answer that nobody asked for")
        self.begun = True
        self._headers = {}
        self._name, self._value = "", None

    def _on_status(self, text: str) -> None:
        pass

    def _on_header_field(self, text: str) -> None:
        if self._value is None:
            self._name += text
        else:
            self._headers[self._name.lower()] = self._value
            self._name, self._value = text, None

    def _on_header_value(self, text: str) -> None:
        self._value = text if self._value is None else self._value + text

    def _on_headers_complete(self) -> None:
        if self._value is not None:
            self._headers[self._name.lower()] = self._value

    def _on_body(self, piece: bytearray) -> None:
        if self._body:
            self._body += piece
        else:
            self._body = piece

    def _on_message_complete(self) -> None:
        self.complete = self.get_code() >= 200


def max_age(cache_control: str | None) -> float:
    """Return the seconds for which an answer is fresh, from its Cache-Control; 0 when it must be asked for again."""
    if not cache_control:
        return 0.0
    directives = [part.strip().lower() for part in cache_control.split(",")]
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    for directive in directives:
        name, _, value = directive.partition("=")
        if name == "max-age":
            return _seconds(value) or 0.0
    return 0.0


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
