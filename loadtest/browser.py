"""A lean browser: keep-alive connections, a cache with conditional requests, compressed bodies, aborts that close.

It stands on geventhttpclient's connection pool and parser. Every wait may be ended by an exception that a
`gevent.Timeout` raises in the middle of connect, TLS, header or body; the connection is closed then, as a browser's is.
"""

from __future__ import annotations

import hashlib
import select
import ssl
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

import gevent.socket
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError, HTTPSocketPoolResponse

from loadtest.page import Page, read

READ_BLOCK = 65536
NEVER = 600.0
"""Seconds after which a socket gives up by itself: longer than any person's patience, which decides before."""
MAX_REDIRECTS = 5
FAILURES = (OSError, HTTPParseError, zlib.error)
"""What a request may raise when no whole answer came back."""


@dataclass(frozen=True)
class Exchange:
    """A request that is over: what it was for (page, asset, claim), how long it took, and the size of its answer in
    bytes; `status` is None if no whole answer came."""

    method: str
    kind: str
    seconds: float
    size: int
    status: int | None


@dataclass(frozen=True)
class Answer:
    """An answer from the wire: its body as sent, and the headers that matter to a browser."""

    status: int
    body: bytes
    encoding: str | None
    location: str | None
    etag: str | None
    last_modified: str | None
    max_age: float
    retry_after: float | None


class _Alive:
    """Says whether an idle connection is still good with poll(): select() fails for descriptors above 1023, and the
    pool then takes every connection for dead and never reuses one."""

    def _is_socket_alive(self, sock: gevent.socket.socket | None) -> bool:
        if sock is None or sock.fileno() < 0:
            return False
        poller = select.poll()
        poller.register(sock.fileno(), select.POLLIN)
        return not poller.poll(0)


class _PlainPool(_Alive, ConnectionPool):
    pass


class _TlsPool(_Alive, SSLConnectionPool):
    pass


@cache
def _shared_context(cafile: str | None = None) -> ssl.SSLContext:
    """One TLS context for all people: each one of their own would cost 19 ms and 836 KiB."""
    return ssl.create_default_context(cafile=cafile)


def _pool(origin: str) -> ConnectionPool:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    if secure:
        return _TlsPool(
            host,
            port,
            host,
            port,
            size=1,
            connection_timeout=NEVER,
            network_timeout=NEVER,
            ssl_context_factory=_shared_context,
            ssl_options={"server_hostname": host},
        )
    return _PlainPool(host, port, host, port, size=1, connection_timeout=NEVER, network_timeout=NEVER)


def storm_pass(token: str, person: int) -> Mapping[str, str]:
    """The headers by which the site under test tells the people of a storm apart.

    They share one address, and its limits are meant for each of them."""
    return {"X-Floodgate-Storm": token, "X-Floodgate-Person": str(person)}


class PageReader:
    """Reads pages, and remembers the last few: people who reload get the same bytes over and over."""

    def __init__(self, capacity: int = 64) -> None:
        self._known: OrderedDict[tuple[bytes, str, bool], Page] = OrderedDict()
        self._capacity = capacity

    def read(self, answer: Answer, url: str, *, with_assets: bool) -> Page:
        """The page in an answer. Raises zlib.error when its compressed body is broken."""
        key = (hashlib.blake2b(answer.body, digest_size=16).digest(), url, with_assets)
        page = self._known.get(key)
        if page is None:
            body = answer.body
            if answer.encoding in ("gzip", "deflate"):
                body = zlib.decompress(body, wbits=zlib.MAX_WBITS | 32)
            page = read(body.decode("utf-8", errors="replace"), url, with_assets=with_assets)
            self._known[key] = page
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return page


@dataclass
class _Cached:
    etag: str | None
    last_modified: str | None
    fresh_until: float


class Browser:
    """One person's browser on one site: one connection at a time, kept alive, and a cache of assets.

    `headers` go with every request."""

    def __init__(
        self,
        origin: str,
        observer: Callable[[Exchange], None],
        reader: PageReader,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._origin = origin
        self._host = urlsplit(origin).netloc
        self._observer = observer
        self._reader = reader
        self._headers = [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._pool = _pool(origin)
        self._cache: dict[str, _Cached] = {}

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def open(self, url: str) -> tuple[Page, Answer]:
        """Load a page as a reload does: the document, then those of its assets that the cache does not hold.

        Raises one of FAILURES if the document does not arrive whole; an asset that fails is only recorded.
        """
        page, answer = self._document("GET", url, b"", "page")
        for asset in page.assets:
            self._asset(asset)
        return page, answer

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        """Post a form (urlencoded fields) and read the answer. Raises one of FAILURES if none arrives whole."""
        return self._document("POST", url, fields.encode(), "claim")

    def _document(self, method: str, url: str, body: bytes, kind: str) -> tuple[Page, Answer]:
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._request(method, url, body, kind, {})
            if answer.status not in (301, 302, 303, 307, 308) or answer.location is None:
                return self._reader.read(answer, url, with_assets=method == "GET"), answer
            url = urljoin(url, answer.location)
            if urlsplit(url)[:2] != urlsplit(self._origin)[:2]:
                raise HTTPParseError(f"redirected away from the site to {url}")
            if answer.status not in (307, 308):
                method, body = "GET", b""
        raise HTTPParseError(f"more than {MAX_REDIRECTS} redirects")

    def _asset(self, url: str) -> None:
        cached = self._cache.get(url)
        if cached and cached.fresh_until > time.monotonic():
            return
        conditions = {}
        if cached and cached.etag:
            conditions["If-None-Match"] = cached.etag
        if cached and cached.last_modified:
            conditions["If-Modified-Since"] = cached.last_modified
        try:
            answer = self._request("GET", url, b"", "asset", conditions)
        except FAILURES:
            return  # already counted by the observer; a browser shows the page without it
        if answer.status in (200, 304):
            fresh_until = time.monotonic() + answer.max_age
            etag = answer.etag or (cached.etag if cached else None)
            last_modified = answer.last_modified or (cached.last_modified if cached else None)
            self._cache[url] = _Cached(etag, last_modified, fresh_until)

    def _request(self, method: str, url: str, body: bytes, kind: str, headers: Mapping[str, str]) -> Answer:
        started = time.monotonic()
        status, size = None, 0
        try:
            answer = self._exchange(method, self._head(method, url, body, headers) + body)
            status, size = answer.status, len(answer.body)
            return answer
        finally:
            self._observer(Exchange(method, kind, time.monotonic() - started, size, status))

    def _head(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: {self._host}",
            "User-Agent: floodgate-storm",
            "Accept: text/html,*/*;q=0.8",
            "Accept-Encoding: gzip",
            *self._headers,
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _exchange(self, method: str, request: bytes) -> Answer:
        # A kept connection may have been closed by the server just now: a browser asks once more on a new one, for a
        # method that may be repeated.
        attempts = 2 if method == "GET" else 1
        while True:
            attempts -= 1
            sock = self._pool.get_socket()
            try:
                sock.sendall(request)
            except BaseException as error:
                self._pool.release_socket(sock)
                if attempts and isinstance(error, OSError):
                    continue
                raise
            try:
                response = HTTPSocketPoolResponse(sock, self._pool, block_size=READ_BLOCK, method=method)
            except HTTPConnectionClosed:
                if attempts:
                    continue
                raise
            return _answer(response, response.read())


def _answer(response: HTTPSocketPoolResponse, body: bytes) -> Answer:
    def header(name: str) -> str | None:
        value = response.get(name)
        return value if isinstance(value, str) or value is None else value[0]

    return Answer(
        status=response.get_code(),
        body=body,
        encoding=header("content-encoding"),
        location=header("location"),
        etag=header("etag"),
        last_modified=header("last-modified"),
        max_age=_max_age(header("cache-control")),
        retry_after=_seconds(header("retry-after")),
    )


def _max_age(cache_control: str | None) -> float:
    directives = [part.strip().lower() for part in (cache_control or "").split(",")]
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    for directive in directives:
        name, _, value = directive.partition("=")
        if name == "max-age":
            return _seconds(value) or 0.0
    return 0.0


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
