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
from loadtest.crowd.browser.arrivals import Act
from loadtest.crowd.browser.connection import Connection, Origin, Stale
from loadtest.crowd.browser.cookies import Cookies
from loadtest.crowd.browser.page import Page
from loadtest.crowd.browser.page_reader import PageReader
from loadtest.record.counters import ASSET, CLAIM, PAGE

# The most connections that a browser opens to one host over HTTP/1.1 (Chromium's and Firefox's default).
CONNECTIONS = 6
# Requests that are under way at a time on a connection over TLS. A browser speaks HTTP/2 there to a load balancer: one
# connection, on which it asks for all that a page names at once. So many fit into a socket's buffers, so that who sends
# them need not read meanwhile.
AT_ONCE = 32
MAX_REDIRECTS = 5
# Statuses of answers from here on are none of what was asked for.
FIRST_ERROR = 400


class LeftSite(Broken):
    """The site sent somebody away, by an answer of ``status``, to the address in ``target``."""

    def __init__(self, target: str, status: int) -> None:
        super().__init__(f"redirected away from the site to {target}")
        self.target, self.status = target, status


class Exchange(NamedTuple):
    """A request that is over.

    What it was for (page, asset, claim), how long it took, how long what had come for it lay unread (which is not
    counted as its own), and the size of its answer in bytes; ``status`` is None if no whole answer came.
    """

    method: str
    kind: str
    seconds: float
    read_lag: float
    size: int
    status: int | None


class LostFile(NamedTuple):
    """A file of a page that did not come: the answer that came in its place, or why no whole one did."""

    url: str
    came: Answer | Exception


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
        "lost",
        "read_lag",
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
        # Seconds for which what had come for the last page lay unread.
        self.read_lag = 0.0
        # The first of the last page's files that is missing.
        self.lost: LostFile | None = None

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()

    def open(self, url: str) -> tuple[Page, Answer]:
        """Load a page as a reload does: the document, if it has changed, then those of its assets that are not fresh.

        Raise one of FAILURES if the document does not arrive whole. A browser shows a page without what is missing of
        it, and so does this one: ``lost`` tells of the first such file.
        """
        act = Act()
        self.lost = None
        try:
            page, answer = self._document("GET", url, b"", PAGE, act)
            if page.assets:
                self._load(page.assets, act)
            return page, answer
        finally:
            self.read_lag = act.read_lag

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        """Post a form (urlencoded fields) and read the answer. Raise one of FAILURES if none arrives whole."""
        act = Act()
        self.lost = None
        try:
            return self._document("POST", url, fields.encode(), CLAIM, act)
        finally:
            self.read_lag = act.read_lag

    def _document(self, method: str, url: str, body: bytes, kind: str, act: Act) -> tuple[Page, Answer]:
        for _ in range(MAX_REDIRECTS + 1):
            if method == "GET":
                answer = self._revalidated(url, kind, act)
            else:
                answer = self._request(method, url, kind, act, body=body)
            further = answer.leads_to(url)
            if further is None:
                return self._reader.read(answer, url, with_assets=method == "GET"), answer
            if site(further) != self._site:
                raise LeftSite(further, answer.status)
            url = further
            if answer.status not in (307, 308):
                method, body = "GET", b""
        raise Broken(f"more than {MAX_REDIRECTS} redirects, the last to {url}")

    def _revalidated(self, url: str, kind: str, act: Act) -> Answer:
        """Ask for a page; one that the server says is still the same comes from the cache."""
        cached = self._cache.get(url)
        head: bytes = (cached and cached.head) or request_head("GET", url)
        known = cached.page if cached else None
        conditions = cached.conditions() if cached and known else b""
        answer = self._request("GET", url, kind, act, conditions=conditions, head=head)
        if known and answer.status == 304:
            return known
        if answer.status == 200:
            keeps = (answer.etag or answer.last_modified) and not answer.no_store
            page = self._reader.kept(answer) if keeps else None
            # The strings of the shared answer, not those of this one.
            self._cache[url] = _Cached(*(page.etag, page.last_modified) if page else (None, None), 0.0, page, head)
        return answer

    # Assets, over a few connections at a time

    def _load(self, assets: Sequence[str], act: Act) -> None:
        now = time.monotonic()
        stale: Sequence[str] = [url for url in assets if url not in self._cache or self._cache[url].fresh_until <= now]
        whole = self._origin.secure
        while whole and len(stale) > 1:
            left = self._at_once(stale[:AT_ONCE], act)
            whole, stale = not left, [*left, *stale[AT_ONCE:]]
        if not stale:
            return
        queue = iter(stale)
        most = 1 if self._origin.secure else CONNECTIONS
        began = time.monotonic()
        helpers = [gevent.spawn(self._work_off, queue, began, act.since) for _ in range(min(len(stale), most) - 1)]
        try:
            end = self._work_off(queue, began, act.since)
            gevent.joinall(helpers, raise_error=True)
        finally:
            gevent.killall(helpers)
        act.read_lag += time.monotonic() - max([end, *(helper.get() for helper in helpers)])

    def _at_once(self, urls: Sequence[str], act: Act) -> Sequence[str]:
        """Ask for assets all at once on one connection; return those that did not come.

        A server may end a connection after any answer. What is wrong with an asset is seen where it is asked for alone.
        """
        requests = [self._written("GET", url, b"", self._known(url)) for url in urls]
        started, before, answered = time.monotonic(), act.read_lag, 0
        connection, keep = None, False
        try:
            connection = self._connection(act)
            for answer, kept in connection.ask_at_once(requests):
                url, answered, keep = urls[answered], answered + 1, kept
                self._observe("GET", ASSET, started, act.read_lag - before, answer)
                self._cookies.take(answer, url)
                self._take(answer, url)
        except FAILURES:
            keep = False
        except BaseException:
            keep = False
            for _ in urls[answered:]:
                self._observe("GET", ASSET, started, act.read_lag - before, None)
            raise
        finally:
            if connection is not None:
                self._put_back(connection, keep=keep and answered == len(urls))
        return urls[answered:]

    def _work_off(self, queue: Iterator[str], began: float, since: float) -> float:
        """Load what is queued since ``began``; return when that was over, but for what lay unread."""
        act = Act(since)
        act.read_lag = time.monotonic() - began
        for url in queue:
            self._asset(url, act)
        return time.monotonic() - act.read_lag

    def _asset(self, url: str, act: Act) -> None:
        try:
            answer = self._request("GET", url, ASSET, act, conditions=self._known(url))
        except FAILURES as error:
            if is_shortage(error):
                raise  # no browser of a real person's has this; the page would seem to come sooner
            self.lost = self.lost or LostFile(url, error)
            return
        self._take(answer, url)

    def _known(self, url: str) -> bytes:
        cached = self._cache.get(url)
        return cached.conditions() if cached else b""

    def _take(self, answer: Answer, url: str) -> None:
        if answer.status in (200, 304):
            cached = self._cache.get(url)
            self._cache[url] = _Cached(
                answer.etag or (cached.etag if cached else None),
                answer.last_modified or (cached.last_modified if cached else None),
                time.monotonic() + answer.max_age,
            )
        elif answer.status >= FIRST_ERROR:
            self.lost = self.lost or LostFile(url, answer)

    # One request

    def _request(
        self,
        method: str,
        url: str,
        kind: str,
        act: Act,
        *,
        body: bytes = b"",
        conditions: bytes = b"",
        head: bytes = b"",
    ) -> Answer:
        started, before = time.monotonic(), act.read_lag
        request = self._written(method, url, body, conditions, head)
        answer = None
        try:
            answer = self._exchange(request, act, again=method == "GET")
            if answer.cookies:
                self._cookies.take(answer, url)
            return answer
        finally:
            self._observe(method, kind, started, act.read_lag - before, answer)

    def _observe(self, method: str, kind: str, started: float, read_lag: float, answer: Answer | None) -> None:
        seconds = time.monotonic() - started - read_lag
        size, status = (len(answer.body), answer.status) if answer else (0, None)
        self._observer(Exchange(method, kind, seconds, read_lag, size, status))

    def _written(self, method: str, url: str, body: bytes, conditions: bytes, head: bytes = b"") -> bytes:
        if method == "POST":
            conditions = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n" % len(body)
        cookies = self._cookies.line(url)
        return b"".join((head or request_head(method, url), self._headers, cookies, conditions, b"\r\n", body))

    def _exchange(self, request: bytes, act: Act, *, again: bool) -> Answer:
        try:
            return self._ask(self._connection(act), request)
        except Stale:
            # The server has closed a kept connection just now: a browser asks once more on a new one, for a method
            # that may be repeated.
            if not again:
                raise
            return self._ask(self._new(act), request)

    def _ask(self, connection: Connection, request: bytes) -> Answer:
        keep = False
        try:
            answer, keep = connection.ask(request)
            return answer
        finally:
            self._put_back(connection, keep=keep)

    def _put_back(self, connection: Connection, *, keep: bool) -> None:
        if keep:
            self._idle.append(connection)
        else:
            self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close a connection; a new TLS session is remembered for the next ones."""
        if self._origin.secure:
            self._session = connection.new_session() or self._session
        connection.close()

    def _connection(self, act: Act) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.quiet():
                connection.act = act
                return connection
            self.drop(connection)
        return self._new(act)

    def _new(self, act: Act) -> Connection:
        return Connection.open(self._origin, turn=self._turn, session=self._session, act=act)


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
