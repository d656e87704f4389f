"""What is asked of a site by nobody of its people: by the master, and by the smoke test.

They ask by the people's own connection. So what people can read is what is read, whom people trust is trusted, and a
site that one of them reaches is there for all.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

from gevent import Timeout
from geventhttpclient.response import HTTPParseError

from loadtest.crowd.browser.address import site
from loadtest.crowd.browser.answer import FAILURES, Answer, Broken
from loadtest.crowd.browser.browser import MAX_REDIRECTS, LeftSite, request_head
from loadtest.crowd.browser.connection import Connection, Origin


class Unanswered(Exception):
    """No whole answer came; the message says why in a few words."""


class TooLate(Unanswered):
    """None came in time."""


class Client:
    """Asks one site, one question at a time, each on a connection of its own."""

    def __init__(self, host: str) -> None:
        self._origin = Origin.of(host)
        self._site = site(host)

    def ask(
        self, method: str, url: str, *, within: float, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Ask once; the whole answer must be there ``within`` so many seconds. Raise Unanswered."""
        lines = dict(headers or {})
        if body:
            lines["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        try:
            with Timeout(max(0.001, within), TooLate(f"no answer within {within:.0f} s")):
                return self._asked(b"".join((request_head(method, url), head, b"\r\n", body)))
        except FAILURES as error:
            raise Unanswered(reason(error)) from error

    def page(self, url: str, *, within: float) -> tuple[str, Answer]:
        """Ask for a page as often as the site leads on; return where it was in the end. Raise Unanswered, LeftSite."""
        for _ in range(MAX_REDIRECTS + 1):
            answer = self.ask("GET", url, within=within)
            try:
                further = answer.leads_to(url)
            except Broken as error:
                raise Unanswered(reason(error)) from error
            if further is None:
                return url, answer
            if site(further) != self._site:
                raise LeftSite(further, answer.status)
            url = further
        raise Unanswered(f"more than {MAX_REDIRECTS} redirects")

    def _asked(self, request: bytes) -> Answer:
        connection = Connection.open(self._origin, turn=0, session=None)
        try:
            return connection.ask(request)[0]
        finally:
            connection.close()


_TWICE: Final = "both Content-Length and Transfer-Encoding: it says twice where it ends"
# What the parser (llhttp) says of an answer, and the same in words; the first that fits.
_WORDS: Final = (
    ("Duplicate Content-Length", "two lines Content-Length: it does not say where it ends"),
    ("Content-Length can't be present with", _TWICE),
    ("Transfer-Encoding can't be present with", _TWICE),
    ("Invalid character in Content-Length", "a Content-Length that is no number"),
    ("Unexpected whitespace after header value", "a header folded into several lines, which HTTP has given up"),
    ("Invalid character in chunk size", "a chunk that does not say how long it is"),
    ("Invalid header", "a header that is none"),
    ("Expected HTTP/", "no HTTP: it begins otherwise"),
    ("Missing expected", "a line that does not end in CR LF"),
)


def reason(error: Exception) -> str:
    """Say in a few words why a request failed that raised one of FAILURES."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS with it: {(error.reason or str(error)).lower().replace('_', ' ')}"
        case OSError() if error.strerror:
            return error.strerror
        case HTTPParseError() if words := next((ours for llhttps, ours in _WORDS if _says(error, llhttps)), None):
            return f"a broken answer: {words}"
        case _:
            return str(error.args[0]) if error.args else type(error).__name__


def _says(error: Exception, text: str) -> bool:
    return bool(error.args) and str(error.args[0]).startswith(text)
