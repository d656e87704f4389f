"""A lean browser: a few kept connections, a cache with conditional requests, compressed bodies, aborts that close.

Every wait may be ended by an exception that a ``gevent.Timeout`` raises in the middle of connect, TLS, header or body;
the connection is closed then, as a browser's is.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import gevent

from loadtest.crowd.browser.address import normal, site
from loadtest.crowd.browser.answer import FAILURES, Answer, Broken, is_shortage
from loadtest.crowd.browser.connection import Connection, Origin, Stale
from loadtest.crowd.browser.cookies import Cookies
from loadtest.crowd.browser.page import Page
from loadtest.crowd.browser.page_reader import PageReader
from loadtest.record.counters import ASSET, CLAIM, PAGE

# The most connections that a browser opens to one host over HTTP/1.1 (Chromium's and Firefox's default).
CONNECTIONS = 6
# Over TLS. A browser speaks HTTP/2 there to a load balancer, on one connection: six would mean six handshakes for each
# person where the site sees one, and one alone would queue the assets, which HTTP/2 does not.
SECURE_CONNECTIONS = 2
MAX_REDIRECTS = 5


class LeftSite(Broken):
    """The site sent somebody away, by an answer of ``status``, to the address in ``target``."""

    def __init__(self, target: str, status: int) -> None:
        super().__init__(f"redirected away from the site to {target}")
        self.target, self.status = target, status


class Exchange(NamedTuple):
    """A request that is over.

    What it was for (page, asset, claim), how long it took, and the size of its answer in bytes; ``status`` is None if
    no whole answer came.
    """

    method: str
    kind: str
    seconds: float
    size: int
    status: int | None


class _Cached(NamedTuple):
    etag: str | None
    last_modified: str | None
    fresh_until: float
    # The page itself. Of an asset nobody asks what it says.
    page: Answer | None = None
    # How a page is asked for: of an address of one's own, nobody else remembers that.
    head: bytes | None = None

    def conditions(self) -> bytes:
        """Return the headers by which a server need not send it again."""
        return _conditions(self.etag, self.last_modified)


@lru_cache(maxsize=256)
def _conditions(etag: str | None, last_modified: str | None) -> bytes:
    lines = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
    return "".join(f"{name}: {value}\r\n" for name, value in lines if value).encode()


def storm_pass(token: str, person: int) -> Mapping[str, str]:
    """Return the headers by which the site under test tells the people of a storm apart.

    They share one address, and its limits are meant for each of them.
    """
    return {"X-Floodgate-Storm": token, "X-Floodgate-Person": str(person)}


class Browser:
    """One person's browser on one site: its connections, its TLS session, and its cache.

    ``headers`` go with every request. ``turn``, a number of the person's own, spreads people over the site's addresses.
    """

    __slots__ = (
        "_cache",
        "_cookies",
        "_headers",
        "_idle",
        "_observer",
        "_origin",
        "_reader",
        "_session",
        "_site",
        "_turn",
    )

    def __init__(
        self,
        origin: str,
        observer: Callable[[Exchange], None],
        reader: PageReader,
        headers: Mapping[str, str] | None = None,
        *,
        turn: int = 0,
    ) -> None:
        self._origin = Origin.of(origin)
        self._site = site(origin)
        self._observer = observer
        self._reader = reader
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items()).encode()
        self._turn = turn
        self._session: ssl.SSLSession | None = None
        self._idle: list[Connection] = []
        self._cache: dict[str, _Cached] = {}
        self._cookies = Cookies()

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()

    def open(self, url: str) -> tuple[Page, Answer]:
        """Load a page as a reload does: the document, if it has changed, then those of its assets that are not fresh.

        Raise one of FAILURES if the document does not arrive whole; an asset that fails is only recorded.
        """
        page, answer = self._document("GET", url, b"", PAGE)
        if page.assets:
            self._load(page.assets)
        return page, answer

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        """Post a form (urlencoded fields) and read the answer. Raise one of FAILURES if none arrives whole."""
        return self._document("POST", url, fields.encode(), CLAIM)

    def _document(self, method: str, url: str, body: bytes, kind: str) -> tuple[Page, Answer]:
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._revalidated(url, kind) if method == "GET" else self._request(method, url, body, kind)
            further = answer.leads_to(url)
            if further is None:
                return self._reader.read(answer, url, with_assets=method == "GET"), answer
            if site(further) != self._site:
                raise LeftSite(further, answer.status)
            url = further
            if answer.status not in (307, 308):
                method, body = "GET", b""
        raise Broken(f"more than {MAX_REDIRECTS} redirects, the last to {url}")

    def _revalidated(self, url: str, kind: str) -> Answer:
        """Ask for a page; one that the server says is still the same comes from the cache."""
        cached = self._cache.get(url)
        head = (cached and cached.head) or request_head("GET", url)
        if cached is None or cached.page is None:
            answer = self._request("GET", url, b"", kind, head=head)
        else:
            answer = self._request("GET", url, b"", kind, cached.conditions(), head=head)
            if answer.status == 304:
                return cached.page
        if answer.status == 200:
            keeps = (answer.etag or answer.last_modified) and not answer.no_store
            page = self._reader.kept(answer) if keeps else None
            # The strings of the shared answer, not those of this one.
            self._cache[url] = _Cached(*(page.etag, page.last_modified) if page else (None, None), 0.0, page, head)
        return answer

    # Assets, over a few connections at a time

    def _load(self, assets: Sequence[str]) -> None:
        now = time.monotonic()
        stale = [url for url in assets if url not in self._cache or self._cache[url].fresh_until <= now]
        queue = iter(stale)
        most = SECURE_CONNECTIONS if self._origin.secure else CONNECTIONS
        helpers = [gevent.spawn(self._work_off, queue) for _ in range(min(len(stale), most) - 1)]
        try:
            self._work_off(queue)
            gevent.joinall(helpers, raise_error=True)
        finally:
            gevent.killall(helpers)

    def _work_off(self, queue: Iterator[str]) -> None:
        for url in queue:
            self._asset(url)

    def _asset(self, url: str) -> None:
        cached = self._cache.get(url)
        try:
            answer = self._request("GET", url, b"", ASSET, cached.conditions() if cached else b"")
        except FAILURES as error:
            if is_shortage(error):
                raise  # no browser of a real person's has this; the page would seem to come sooner
            return  # already counted by the observer; a browser shows the page without it
        if answer.status in (200, 304):
            self._cache[url] = _Cached(
                answer.etag or (cached.etag if cached else None),
                answer.last_modified or (cached.last_modified if cached else None),
                time.monotonic() + answer.max_age,
            )

    # One request

    def _request(
        self, method: str, url: str, body: bytes, kind: str, conditions: bytes = b"", *, head: bytes | None = None
    ) -> Answer:
        started = time.monotonic()
        status, size = None, 0
        if method == "POST":
            conditions = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n" % len(body)
        cookies = self._cookies.line(url)
        head = head or request_head(method, url)
        request = b"".join((head, self._headers, cookies, conditions, b"\r\n", body))
        try:
            answer = self._exchange(request, again=method == "GET")
            status, size = answer.status, len(answer.body)
            if answer.cookies:
                self._cookies.take(answer, url)
            return answer
        finally:
            self._observer(Exchange(method, kind, time.monotonic() - started, size, status))

    def _exchange(self, request: bytes, *, again: bool) -> Answer:
        try:
            return self._ask(self._connection(), request)
        except Stale:
            # The server has closed a kept connection just now: a browser asks once more on a new one, for a method
            # that may be repeated.
            if not again:
                raise
            return self._ask(self._new(), request)

    def _ask(self, connection: Connection, request: bytes) -> Answer:
        keep = False
        try:
            answer, keep = connection.ask(request)
            return answer
        finally:
            if keep:
                self._idle.append(connection)
            else:
                self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close a connection; a new TLS session is remembered for the next ones."""
        if self._origin.secure:
            self._session = connection.new_session() or self._session
        connection.close()

    def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.quiet():
                return connection
            self.drop(connection)
        return self._new()

    def _new(self) -> Connection:
        return Connection.open(self._origin, turn=self._turn, session=self._session)


@lru_cache(maxsize=256)
def request_head(method: str, url: str) -> bytes:
    """Return what is the same in everybody's request for a URL."""
    parts = urlsplit(normal(url))
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = (
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "User-Agent: floodgate-storm",
        "Accept: text/html,*/*;q=0.8",
        # Browsers name Brotli where the line is encrypted.
        f"Accept-Encoding: gzip, deflate{', br' if parts.scheme == 'https' else ''}",
        "",
    )
    return "\r\n".join(lines).encode()
