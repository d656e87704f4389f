"""An answer from the wire: put together by geventhttpclient's parser (llhttp, in C), and read."""

from __future__ import annotations

import errno
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple

import brotli
from geventhttpclient._parser import HTTPParseError, HTTPResponseParser

from loadtest.crowd.browser.address import joined

# What a request may raise when no whole answer came back.
FAILURES: Final = (OSError, HTTPParseError, zlib.error, brotli.error)
# What the system says when this machine has no descriptor, port or memory left for another connection.
SHORTAGES: Final = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}


# Statuses whose answers have no body, whatever their heads say.
BODILESS: Final = (204, 304)
# How each member of a gzip body begins.
GZIP: Final = b"\x1f\x8b"
REDIRECTS: Final = (301, 302, 303, 307, 308)


class Broken(HTTPParseError):
    """An answer that says something that no answer may."""


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
    # Its Date, and what its lines Set-Cookie say.
    date: str | None = None
    cookies: tuple[str, ...] = ()

    def leads_to(self, url: str) -> str | None:
        """Return the address that this answer from ``url`` redirects to; None if it does not. Raise Broken."""
        if self.location is None or self.status not in REDIRECTS:
            return None
        further = joined(url, self.location)
        if further is None:
            raise Broken(f"redirected to {self.location}, which is no address")
        return further

    def text(self) -> str:
        """Return the body as text, whatever it was sent as.

        Raise Broken, zlib.error or brotli.error when it is not what its Content-Encoding says.
        """
        body = self.body
        for coding in reversed((self.encoding or "").lower().split(",")):
            body = _decoded(body, coding.strip())
        return body.decode("utf-8", errors="replace")


class Head(NamedTuple):
    """What a head says of its answer, the length of the body that follows, and whether the connection is kept."""

    rest: tuple[Any, ...]
    empty: Answer
    length: int
    keep: bool

    def with_body(self, body: bytes) -> Answer:
        """Return the answer of this head with a body."""
        return Answer(self.empty.status, body, *self.rest) if body else self.empty


class Heads:
    """The last few heads that came, by their bytes: thousands of people get the same within a second.

    Each was read by the parser when it came first, and says itself where its body ends. So the same head, with as many
    bytes behind it, is the same answer.
    """

    def __init__(self, capacity: int = 64) -> None:
        self._known: dict[bytes, Head] = {}
        self._capacity = capacity
        self.get = self._known.get

    def put(self, head: bytes, answer: Answer, *, keep: bool) -> None:
        """Remember the head of an answer, unless it is one person's alone."""
        if answer.cookies:
            return
        if len(self._known) >= self._capacity:
            del self._known[next(iter(self._known))]
        self._known[head] = Head(answer[2:], answer._replace(body=b""), len(answer.body), keep)


class Parser(HTTPResponseParser):
    """Puts one answer together. Interim ones (1xx) before it are passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.complete = False
        self._headers: dict[str, str] = {}
        self._cookies: list[str] = []
        self._name = ""
        self._value: str | None = None
        self._body: bytes | bytearray = b""

    def take(self) -> Answer:
        """Return the answer that is complete."""
        header = self._headers.get
        return Answer(
            self.get_code(),
            bytes(self._body),
            header("content-encoding"),
            header("location"),
            header("etag"),
            header("last-modified"),
            freshness(header("cache-control"), header("expires"), header("date")),
            "no-store" in header("cache-control", "").lower(),
            _seconds(header("retry-after"), header("date")),
            header("date"),
            tuple(self._cookies),
        )

    @property
    def framed(self) -> bool:
        """Whether the head alone says where the answer ends, of one that is complete."""
        if self.chunked:
            return False
        return "content-length" in self._headers or self.get_code() in BODILESS

    @property
    def chunked(self) -> bool:
        """Whether the body of an answer, whose head is read, says itself where it ends."""
        return "transfer-encoding" in self._headers

    # Called by the parser. A name or a value that two packets share comes in pieces.

    def _on_message_begin(self) -> None:
        if self.complete:
            raise HTTPParseError("an answer that nobody asked for")
        self._headers = {}
        self._cookies = []
        self._name, self._value = "", None

    def _on_status(self, text: str) -> None:
        pass

    def _on_header_field(self, text: str) -> None:
        if self._value is None:
            self._name += text
        else:
            self._keep()
            self._name, self._value = text, None

    def _on_header_value(self, text: str) -> None:
        self._value = text if self._value is None else self._value + text

    def _on_headers_complete(self) -> None:
        if self._value is not None:
            self._keep()

    def _keep(self) -> None:
        """Keep a header; one that comes in several lines is one list (RFC 9110, 5.3)."""
        name, value = self._name.lower(), self._value or ""
        if name == "set-cookie":  # which is no list, and has commas in its dates
            self._cookies.append(value)
            return
        before = self._headers.get(name)
        self._headers[name] = value if before is None else f"{before}, {value}"

    def _on_body(self, piece: bytearray) -> None:
        if self._body:
            self._body += piece
        else:
            self._body = piece

    def _on_message_complete(self) -> None:
        self.complete = self.get_code() >= 200


def freshness(cache_control: str | None, expires: str | None = None, date: str | None = None) -> float:
    """Return the seconds for which an answer is fresh; 0 when it must be asked for again.

    ``Expires`` counts from the answer's own ``Date``, and where there is no ``max-age`` (RFC 9111, 4.2.1).
    """
    directives = dict(_directive(part) for part in (cache_control or "").lower().split(","))
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    if "max-age" in directives:
        return _seconds(directives["max-age"]) or 0.0
    return until(expires, date) or 0.0


def _directive(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip().strip('"')


def _seconds(text: str | None, date: str | None = None) -> float | None:
    """Read a delay: seconds, or a moment, which counts from the answer's ``Date`` (RFC 9110, 10.2.3)."""
    if text and text.isascii() and text.isdigit():
        return float(text)
    return until(text, date)


def until(moment: str | None, date: str | None) -> float | None:
    """Return the seconds from an answer's ``Date`` to a moment that it names, and not less than 0; None if unknown."""
    if not moment or not date:
        return None
    try:
        return max(0.0, (_date(moment) - _date(date)).total_seconds())
    except (TypeError, ValueError, OverflowError):  # no date, or of no calendar
        return None


def _date(text: str) -> datetime:
    """Read a date in one of HTTP's three forms, the last of which names no zone (RFC 9110, 5.6.7).

    Python has that for a time of nowhere (findings/http-dates-of-the-third-form-are-local-time.sh).
    """
    found = parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _decoded(body: bytes, coding: str) -> bytes:
    match coding:
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _inflated(body, zlib.MAX_WBITS | 16)
        case "deflate":  # zlib's format by the letter, and without its head by habit: browsers read both
            return _inflated(body, zlib.MAX_WBITS if body[:1] and body[0] & 0x0F == 8 else -zlib.MAX_WBITS)
        case "br":
            return bytes(brotli.decompress(body))
        case "zstd" | "compress" | "x-compress" | "dcb" | "dcz":
            raise Broken(f"a body in the encoding {coding}, which nobody asked for")
        case _:  # none, utf-8: what is no coding at all, browsers take for the body as it is
            return body


def _inflated(body: bytes, wbits: int) -> bytes:
    """Decompress a body, which may be of several members (RFC 1952, 2.2). Raise zlib.error unless it is whole."""
    if not body:
        return body
    pieces = []
    while body:
        stream = zlib.decompressobj(wbits)
        pieces.append(stream.decompress(body))
        if not stream.eof:
            raise zlib.error("the compressed body ends too early")
        # Padding behind the last member is nobody's; what begins as another one is read.
        body = stream.unused_data if wbits > zlib.MAX_WBITS and stream.unused_data.startswith(GZIP) else b""
    return b"".join(pieces)
