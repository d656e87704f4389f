"""The cookies that a site gives a browser, and gets back: a load balancer's, by which it finds the same task again."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from loadtest.crowd.browser.answer import Answer, until

# The most that a browser keeps of one site (Chromium's bound), the newest.
MOST: Final = 180


class _Cookie(NamedTuple):
    name: str
    path: str


class Cookies:
    """One person's, of one site. They end with the storm: of a cookie's age only that it is over counts."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[_Cookie, str] = {}

    def take(self, answer: Answer, url: str) -> None:
        """Keep or drop what an answer from ``url`` sets (RFC 6265, 5.2 and 5.3)."""
        for line in answer.cookies:
            pair, *attributes = line.split(";")
            name, equals, value = pair.partition("=")
            if not equals or not name.strip():
                continue
            words = {key.strip().lower(): word.strip() for key, _, word in (each.partition("=") for each in attributes)}
            path = words.get("path", "")
            cookie = _Cookie(
                name.strip(), path if path.startswith("/") else urlsplit(url).path.rpartition("/")[0] or "/"
            )
            self._values.pop(cookie, None)
            if not _over(words, answer.date):
                self._values[cookie] = value.strip()
        while len(self._values) > MOST:
            del self._values[next(iter(self._values))]

    def line(self, url: str) -> bytes:
        """Return the header that goes with a request for ``url``; nothing where there is no cookie for it."""
        if not self._values:
            return b""
        path = urlsplit(url).path
        pairs = [f"{cookie.name}={value}" for cookie, value in self._values.items() if _within(path, cookie.path)]
        return f"Cookie: {'; '.join(pairs)}\r\n".encode() if pairs else b""


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")


def _over(attributes: dict[str, str], date: str | None) -> bool:
    age = attributes.get("max-age", "")
    if age.isascii() and age.removeprefix("-").isdigit():
        return age.startswith("-") or not age.strip("0")
    return until(attributes.get("expires"), date) == 0.0
