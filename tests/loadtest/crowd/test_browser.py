"""The lean browser against a real server: caching, broken answers, aborts, many descriptors."""

from __future__ import annotations

import fcntl
import gzip
import os
import resource
import socket
import ssl
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import gevent
import gevent.socket
import gevent.ssl
import pytest
from gevent import Timeout
from gevent.event import Event
from gevent.server import StreamServer
from geventhttpclient.response import HTTPParseError

from bench.generator.certificate import write as write_certificate
from loadtest.crowd.browser import wire
from loadtest.crowd.browser.answer import FAILURES, Answer, Heads, freshness
from loadtest.crowd.browser.arrivals import Act
from loadtest.crowd.browser.browser import AT_ONCE, CONNECTIONS, Browser, Exchange, storm_pass
from loadtest.crowd.browser.client import Client, Unanswered, reason
from loadtest.crowd.browser.page_reader import PageReader
from loadtest.crowd.browser.wire import Wire


class Abandoned(Exception):
    pass


@contextmanager
def browsing(host: str) -> Iterator[tuple[Browser, list[Exchange]]]:
    exchanges: list[Exchange] = []
    browser = Browser(host, exchanges.append, PageReader())
    yield browser, exchanges
    browser.close()


@contextmanager
def raw_server(answer: bytes, keep: bool = False) -> Iterator[tuple[str, list[Any]]]:
    """Serve a request by saying exactly ``answer``; ``keep`` leaves the connection open then."""
    connections: list[Any] = []

    def handle(sock: Any, _address: object) -> None:
        connections.append(sock)
        while sock.recv(65536):
            sock.sendall(answer)
            if not keep:
                return

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}", connections
    server.stop()


def test_a_page_is_loaded_with_its_own_assets_and_revalidated_on_reload(serving: Any) -> None:
    with serving({}) as host, browsing(host) as (browser, exchanges):
        page, _ = browser.open(f"{host}/register/next/")
        assert page.state == "closed"
        assert page.assets == tuple(f"{host}/wp-content/{name}" for name in ("style.css?ver=1", "site.js", "logo.png"))
        assert [(each.kind, each.status) for each in exchanges] == [("page", 200)] + [("asset", 200)] * 3
        browser.open(f"{host}/register/next/")
        assert [(each.kind, each.status) for each in exchanges[4:]] == [("page", 200)] + [("asset", 304)] * 3


def test_fresh_assets_are_not_asked_for_again() -> None:
    page = b'<main data-floodgate-state="closed"><img src="/a.png"></main>'
    headers = b"Content-Length: %d\r\nCache-Control: public, max-age=60\r\n\r\n" % len(page)
    answer = b"HTTP/1.1 200 OK\r\n" + headers + page
    with raw_server(answer, keep=True) as (host, _), browsing(host) as (browser, exchanges):
        browser.open(f"{host}/")
        browser.open(f"{host}/")
    assert [each.kind for each in exchanges] == ["page", "asset", "page"]


def test_a_page_comes_without_what_is_missing_of_it_and_the_next_one_is_whole(serving: Any) -> None:
    with serving({"no_styles": True}) as host, browsing(host) as (browser, exchanges):
        page, _ = browser.open(f"{host}/register/next/")
        assert page.state == "closed"
        assert browser.lost is not None and browser.lost.url == f"{host}/wp-content/style.css?ver=1"
        assert isinstance(browser.lost.came, Answer) and browser.lost.came.status == 404
        assert exchanges[0].kind == "page"
        assert sorted(each.status or 0 for each in exchanges) == [200, 200, 200, 404], "files come side by side"
        browser.open(f"{host}/passes")
        assert browser.lost is None


def test_a_file_that_breaks_off_is_missing() -> None:
    page = b'<main data-floodgate-state="closed"><img src="/a.png"></main>'
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)

    def handle(sock: Any, _address: object) -> None:
        while request := sock.recv(65536):
            sock.sendall(whole if request.startswith(b"GET / ") else whole[:-5])
            if not request.startswith(b"GET / "):
                return

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    with browsing(host) as (browser, _seen), Timeout(NET):
        browser.open(f"{host}/")
        assert browser.lost is not None and browser.lost.url == f"{host}/a.png"
        assert isinstance(browser.lost.came, FAILURES)
    server.stop()


def _says(state: str, *headers: str, status: str = "200 OK") -> bytes:
    body = b"" if status.startswith("304") else b'<main data-floodgate-state="%s"></main>' % state.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


SAME = _says("", status="304 Not Modified")
ONE, OTHER = 'ETag: W/"1"', 'ETag: W/"2"'
BUSY = _says("waiting", "Cache-Control: no-store", ONE, status="503 Service Unavailable")


@pytest.mark.parametrize(
    ("answers", "states", "conditions"),
    [
        pytest.param(
            [_says("closed", ONE), SAME, _says("open", OTHER), SAME],
            ["closed", "closed", "open", "open"],
            [None, 'W/"1"', 'W/"1"', 'W/"2"'],
            id="the same, another one, the same",
        ),
        pytest.param(
            [_says("closed", ONE), BUSY, SAME],
            ["closed", "waiting", "closed"],
            [None, 'W/"1"', 'W/"1"'],
            id="a waiting page between",
        ),
        pytest.param(
            [_says("closed", ONE, "Cache-Control: no-store"), _says("open", OTHER)],
            ["closed", "open"],
            [None, None],
            id="a page that nobody may keep",
        ),
        pytest.param([_says("closed"), _says("open")], ["closed", "open"], [None, None], id="without a validator"),
    ],
)
def test_a_page_that_has_not_changed_is_the_one_from_before(
    answers: list[bytes], states: list[str], conditions: list[str | None]
) -> None:
    validators: list[str | None] = []

    def handle(sock: Any, _address: object) -> None:
        for answer in answers:
            lines = sock.recv(65536).decode().split("\r\n")
            validators.append(
                next((line.partition(": ")[2] for line in lines if line.startswith("If-None-Match")), None)
            )
            sock.sendall(answer)

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    with browsing(host) as (browser, exchanges):
        pages = [browser.open(f"{host}/") for _ in answers]
    server.stop()
    assert [page.state for page, _ in pages] == states
    assert validators == conditions
    assert [each.size == 0 for each in exchanges] == [answer is SAME for answer in answers], "bytes of bodies"


def _headless(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        pytest.param("gzip", gzip.compress, id="gzip"),
        pytest.param("GZIP", gzip.compress, id="in capitals"),
        pytest.param("x-gzip", gzip.compress, id="by its old name"),
        pytest.param("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]), id="two members"),
        pytest.param("gzip, br", lambda body: brotli.compress(gzip.compress(body)), id="one after the other"),
        pytest.param("deflate", zlib.compress, id="deflate"),
        pytest.param("deflate", _headless, id="deflate without its head"),
        pytest.param("br", brotli.compress, id="Brotli"),
        pytest.param("identity", bytes, id="as it is"),
        pytest.param("gzip", lambda body: gzip.compress(body) + bytes(8), id="padded"),
        pytest.param("gzip", lambda body: gzip.compress(body) + b"\n\n", id="with an end of line behind it"),
        pytest.param("none", bytes, id="in no encoding at all"),
        pytest.param("utf-8", bytes, id="in the name of a character set"),
    ],
)
@pytest.mark.parametrize(
    "before",
    [
        pytest.param(b"", id="at once"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
            id="after interim answers",
        ),
    ],
)
def test_what_http_allows_is_read_by_people_and_by_the_master(
    coding: str, encode: Callable[[bytes], bytes], before: bytes
) -> None:
    body = encode(PAGE)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with raw_server(before + head + body) as (host, _), browsing(host) as (browser, _seen):
        page, _ = browser.open(f"{host}/")
        answer = Client(host).ask("GET", f"{host}/", within=NET)
    assert page.state == "closed"
    assert answer.text() == PAGE.decode()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("Expires: Mon, 01 Jan 2024 00:00:00 +99999999999999999999", id="a zone of no calendar"),
        pytest.param("Retry-After: Mon, 01 Jan 2024 00:00:00 +9999999999999", id="a zone of no calendar to come again"),
        pytest.param(f"Cache-Control: max-age={'9' * 5000}", id="an age of five thousand digits"),
        pytest.param(f"Set-Cookie: a=b; Max-Age={'9' * 5000}", id="a cookie of five thousand digits"),
        pytest.param("Set-Cookie: a=b; Max-Age=\u00b2", id="a cookie that lasts a superscript"),
        pytest.param("Server: caf\u00e9", id="a letter that is not ASCII"),
    ],
)
def test_a_page_is_a_page_whatever_its_head_says_of_times(line: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n{line}\r\nContent-Length: {len(PAGE)}\r\n\r\n"
    with raw_server(head.encode("latin-1") + PAGE) as (host, _), browsing(host) as (browser, _seen):
        assert browser.open(f"{host}/")[0].state == "closed"


def test_a_name_with_umlauts_is_asked_for_by_its_ascii_form(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(HEAD + PAGE, keep=True) as (host, _):
        address = ("127.0.0.1", int(host.rpartition(":")[2]))

        def known(name: str, *_: object) -> list[Any]:
            return [(socket.AF_INET, 0, 0, "", address)] if name == "xn--mnchen-3ya.test" else []

        monkeypatch.setattr(gevent.socket, "getaddrinfo", known)
        name = "http://münchen.test"
        with browsing(name) as (browser, _seen):
            assert browser.open(f"{name}/kürse/")[0].state == "closed"
        assert Client(name).ask("GET", f"{name}/kürse/", within=NET).status == 200


def test_whom_people_trust_the_master_trusts(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    wire.shared_context.cache_clear()
    server = Stalling("after", certificate)
    try:
        with pytest.raises(Unanswered, match="its certificate is not trusted: self-signed certificate"):
            Client(server.origin).ask("GET", f"{server.origin}/", within=NET)
        trusting(certificate[0], monkeypatch)
        assert Client(server.origin).ask("GET", f"{server.origin}/", within=NET).text() == PAGE.decode()
        with browsing(server.origin) as (browser, _seen):
            assert browser.open(f"{server.origin}/")[0].state == "closed"
    finally:
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="part of a head"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<main>", id="part of a body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<main>", id="part of a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n<main>", id="no gzip"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 6\r\n\r\n<main>", id="no Brotli"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another protocol"),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n", id="elsewhere"
        ),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n", id="redirect without end"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n", id="no address"),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: http://localhost:port/\r\nContent-Length: 0\r\n\r\n",
            id="port that is no number",
        ),
    ],
)
def test_a_broken_answer_is_a_failure_and_never_a_page(answer: bytes) -> None:
    with raw_server(answer) as (host, _), browsing(host) as (browser, _seen), Timeout(NET), pytest.raises(FAILURES):
        browser.open(f"{host}/")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"Content-Length: 5\r\nContent-Length: 5\r\n", "two lines Content-Length", id="length twice"),
        pytest.param(b"Content-Length: 5, 5\r\n", "a Content-Length that is no number", id="list of lengths"),
        pytest.param(b"X: a\r\n b\r\nContent-Length: 5\r\n", "folded into several lines", id="folded header"),
        pytest.param(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "says twice", id="chunks and a length"),
        pytest.param(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "says twice", id="a length and chunks"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nsize\r\n", "how long it is", id="chunk without a size"),
        pytest.param(b"X Y: z\r\n", "a header that is none", id="blank in a name"),
        pytest.param(b"X: z\nY: z\n", "does not end in CR LF", id="bare line feeds"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_in_words(answer: bytes, words: str) -> None:
    whole = b"HTTP/1.1 200 OK\r\n" + answer + b"\r\nhello"
    with raw_server(whole) as (host, _), browsing(host) as (browser, _seen), Timeout(NET):
        with pytest.raises(HTTPParseError) as caught:
            browser.open(f"{host}/")
        assert words in reason(caught.value)


@pytest.mark.parametrize(
    ("reset", "words"),
    [
        pytest.param(True, "Connection reset by peer", id="reset"),
        pytest.param(False, "closed before an answer", id="closed"),
    ],
)
def test_a_tls_connection_that_ends_within_a_record(
    reset: bool, words: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting(certificate[0], monkeypatch)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def handle(sock: Any, _address: object) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)

        def until_done(act: Callable[[], object]) -> None:
            while True:
                try:
                    act()
                except ssl.SSLWantReadError:
                    sock.sendall(outgoing.read())
                    incoming.write(sock.recv(65536))
                else:
                    return

        until_done(tls.do_handshake)
        until_done(lambda: tls.read(65536))
        tls.write(HEAD + PAGE)
        sock.sendall(outgoing.read()[:-5])
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(sock.detach())  # gevent's server would say the end first

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"https://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, exchanges), Timeout(NET):
            with pytest.raises(FAILURES) as caught:
                browser.open(f"{host}/")
            assert reason(caught.value) == words
    finally:
        server.stop()
    assert [each.status for each in exchanges] == [None]


@pytest.mark.parametrize(
    "expires",
    [
        pytest.param("Sun, 29 Nov 2026 10:01:00 GMT", id="as it is written today"),
        pytest.param("Sunday, 29-Nov-26 10:01:00 GMT", id="with the whole day"),
        pytest.param("Sun Nov 29 10:01:00 2026", id="without a zone"),
    ],
)
def test_a_moment_is_read_in_all_of_the_forms_of_http(expires: str) -> None:
    for date in ("Sun, 29 Nov 2026 10:00:00 GMT", "Sun Nov 29 10:00:00 2026"):
        assert freshness(None, expires, date) == 60


def test_cookies_go_back_where_they_came_from_until_they_are_over() -> None:
    """A load balancer's among them, by which it finds the same task again."""
    headers: list[str] = []
    sets = [
        "Set-Cookie: AWSALB=one; Expires=Sun, 06 Dec 2026 10:00:00 GMT; Path=/\r\nSet-Cookie: here=1; path=/kurs/",
        "Set-Cookie: AWSALB=two; Path=/",
        "Set-Cookie: AWSALB=; Path=/; Max-Age=0",
        "Set-Cookie: old=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "",
    ]

    def handle(sock: Any, _address: object) -> None:
        for each in sets:
            lines = sock.recv(65536).decode().split("\r\n")
            headers.append(next((line for line in lines if line.startswith("Cookie: ")), ""))
            date = f"Date: Sun, 29 Nov 2026 10:00:00 GMT\r\n{each}".strip()
            sock.sendall(f"HTTP/1.1 200 OK\r\n{date}\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode() + PAGE)

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    with browsing(host) as (browser, _seen):
        for path in ("/", "/kurs/1", "/", "/", "/kurs"):
            browser.open(host + path)
    server.stop()
    assert headers == ["", "Cookie: AWSALB=one; here=1", "Cookie: AWSALB=two", "", ""]


def test_a_refused_connection_is_a_failure_with_no_status() -> None:
    with browsing("http://127.0.0.1:1") as (browser, exchanges):
        with pytest.raises(ConnectionRefusedError):
            browser.open("http://127.0.0.1:1/")
        assert [each.status for each in exchanges] == [None]


PAGE = b'<main data-floodgate-state="closed"></main>'
# Seconds: a net for what would never end, and no bound on how long anything may take.
NET = 60
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificate(tmp_path_factory.mktemp("tls"))


class Stalling:
    """A server that stalls in one place for its first connection, and answers every other one with the page.

    With the place ``after`` it does not stall, and closes after each answer.
    """

    def __init__(self, place: str, certificate: tuple[Path, Path] | None) -> None:
        self.place = place
        self.stalls, self.left = Event(), Event()
        self.connections = self.resumed = 0
        self._secure = None
        if certificate:
            self._secure = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._secure.load_cert_chain(*certificate)
        self._listener = gevent.socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.origin = f"http{'s' if certificate else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._fillers: list[Any] = []
        self._accepting = None if place == "connect" else gevent.spawn(self._accept)
        while place == "connect" and not self._full():
            pass
        if place == "connect":
            self.stalls.set()

    def _full(self) -> bool:
        """Fill the queue of connections that nobody accepts; true when the kernel takes no more."""
        self._fillers.append(gevent.socket.socket())
        try:
            with Timeout(0.1, Abandoned):
                self._fillers[-1].connect(self._listener.getsockname())
        except Abandoned:
            return True
        return False

    def tires(self, person: Any) -> None:
        """Let a person who waits for the server abandon it, soon after it stalls."""
        self.stalls.wait()
        gevent.sleep(0.1)
        gevent.kill(person, Abandoned)

    def recover(self) -> None:
        """Stall no more."""
        for filler in self._fillers:
            filler.close()
        self._accepting = self._accepting or gevent.spawn(self._accept)

    def close(self) -> None:
        if self._accepting:
            self._accepting.kill()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            gevent.spawn(self._serve, self._listener.accept()[0])

    def _serve(self, sock: Any) -> None:
        self.connections += 1
        first = self.connections == 1
        try:
            if first and self.place == "tls":
                self._wait(sock)
                return
            if self._secure:
                sock = self._secure.wrap_socket(sock, server_side=True)
                self.resumed += sock.session_reused
            while sock.recv(65536):
                if first and self.place in STALLS:
                    sock.sendall(STALLS[self.place])
                    self._wait(sock)
                    return
                if self.place == "after":
                    sock.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + PAGE)
                    return
                sock.sendall(HEAD + PAGE)
        except OSError:
            pass  # it has left
        finally:
            self.left.set()  # wherever it left: on a busy machine perhaps before it came to the place
            sock.close()

    def _wait(self, sock: Any) -> None:
        self.stalls.set()
        while sock.recv(65536):
            pass


STALLS = {
    "answer": b"",
    "header": b"HTTP/1.1 200 OK\r\nX: ",
    "body": HEAD + PAGE[:10],
    "chunk": CHUNKED + b"20\r\n<main",
}


@pytest.mark.parametrize(
    ("place", "secure"),
    [("connect", False), ("tls", True), *((place, secure) for place in STALLS for secure in (False, True))],
)
def test_patience_ends_a_request_wherever_it_is_and_a_reload_at_once_succeeds(
    place: str, secure: bool, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting(certificate[0], monkeypatch)
    server = Stalling(place, certificate if secure else None)
    try:
        with browsing(server.origin) as (browser, exchanges), Timeout(NET):
            # However long it takes to come so far: a person's patience ends when the server stalls.
            gevent.spawn(server.tires, gevent.getcurrent())
            with pytest.raises(Abandoned):
                browser.open(f"{server.origin}/")
            assert [each.status for each in exchanges] == [None]
            assert browser._idle == []
            # The server sees the abort at once; where it comes late itself, it has to see it before it recovers.
            if place != "connect":
                server.left.wait()
            server.recover()
            assert browser.open(f"{server.origin}/")[0].state == "closed"
            assert [each.status for each in exchanges] == [None, 200]
    finally:
        server.close()


def trusting(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust a certificate, as the operating system's store would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wire.shared_context.cache_clear()


def test_a_tls_session_is_resumed_by_the_next_connection(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting(certificate[0], monkeypatch)
    server = Stalling("after", certificate)
    try:
        with browsing(server.origin) as (browser, _seen), Timeout(NET):
            for _ in range(3):
                browser.open(f"{server.origin}/")
    finally:
        server.close()
    assert (server.connections, server.resumed) == (3, 2)


def test_a_certificate_that_nobody_vouches_for_is_a_failure(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    wire.shared_context.cache_clear()
    server = Stalling("", certificate)
    try:
        with browsing(server.origin) as (browser, exchanges), pytest.raises(ssl.SSLCertVerificationError):
            browser.open(f"{server.origin}/")
    finally:
        server.close()
    assert [each.status for each in exchanges] == [None]


def test_assets_come_over_a_few_connections_at_a_time_which_are_kept() -> None:
    """The server answers an asset only when six are asked for at once: with fewer connections nobody gets anything."""
    names = [f"/{number}.png" for number in range(12)]
    page = b'<main data-floodgate-state="closed">' + b"".join(b'<img src="%s">' % name.encode() for name in names)
    paths: list[str] = []
    enough = Event()

    def handle(sock: Any, _address: object) -> None:
        counted[0] += 1
        while request := sock.recv(65536):
            name = request.split()[1].decode()
            if name != "/":
                paths.append(name)
                if len(paths) == CONNECTIONS:
                    enough.set()
                enough.wait()
            body = page if name == "/" else b"x"
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    counted = [0]
    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, exchanges), Timeout(NET):
            browser.open(f"{host}/")
            browser.open(f"{host}/")
    finally:
        server.stop()
    assert sorted(paths) == sorted(2 * names)
    assert {each.status for each in exchanges} == {200}
    assert counted == [CONNECTIONS]


FIRST, LAST = b"/* first */", b"/* last */"
ENDS = b"Connection: close\r\n"


def _of_length(body: bytes, *headers: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), b"".join(headers), body)


@pytest.mark.parametrize("packet", [pytest.param(1, id="byte by byte"), pytest.param(65536, id="at once")])
@pytest.mark.parametrize(
    ("middle", "statuses", "connections"),
    [
        pytest.param(_of_length(b"x" * 300), [200, 200, 200], 1, id="length"),
        pytest.param(CHUNKED + b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX: y\r\n\r\n", [200, 200, 200], 1, id="chunks"),
        pytest.param(b"HTTP/1.1 304 Not Modified\r\nETag: W/1\r\n\r\n", [200, 304, 200], 1, id="not modified"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", [200, 404, 200], 1, id="not found"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n" + _of_length(b"x"), [200, 200, 200], 1, id="hints"),
        pytest.param(_of_length(b"x", ENDS), [200, 200, 200], 2, id="closed behind it"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nuntil closed", [200, 200, 200], 2, id="until closed"),
        pytest.param(_of_length(b"whole")[:-2], [200, None, 200], 3, id="cut off"),
        pytest.param(b"no answer at all\r\n\r\n", [200, None, 200], 3, id="broken"),
        pytest.param(b"", [200, None, 200], 3, id="closed before it"),
    ],
)
def test_over_tls_assets_are_asked_for_at_once_on_one_connection(  # noqa: PLR0917 - a table's columns
    middle: bytes,
    statuses: list[int | None],
    connections: int,
    packet: int,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server answers nothing before all three were asked for; what it ends early is asked for alone."""
    trusting(certificate[0], monkeypatch)
    page = b'<main data-floodgate-state="closed"><img src="/1.png"><img src="/2.png"><img src="/3.png">'
    says = {"/": _of_length(page), "/1.png": _of_length(FIRST), "/2.png": middle, "/3.png": _of_length(LAST)}
    whole = statuses[1] is not None and ENDS not in middle and b"until" not in middle
    counted = [0]

    def handle(sock: Any, _address: object) -> None:
        counted[0] += 1
        left, enough = b"", counted[0] == 1
        while data := sock.recv(65536):
            left += data
            if enough and left.count(b"\r\n\r\n") < (1 if b"GET / " in left else 3):
                continue
            *requests, left = left.split(b"\r\n\r\n")
            for request in requests:
                name = request.split()[1].decode()
                for place in range(0, len(says[name]), packet):
                    sock.sendall(says[name][place : place + packet])
                if name == "/2.png" and not whole:
                    return

    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = StreamServer(("127.0.0.1", 0), handle, ssl_context=context)
    server.start()
    host = f"https://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, exchanges), Timeout(NET):
            assert browser.open(f"{host}/")[0].state == "closed"
            assert len(browser._idle) == 1
    finally:
        server.stop()
    assert [(each.kind, each.status) for each in exchanges] == [
        ("page", 200),
        *(("asset", status) for status in statuses),
    ]
    assert counted == [connections]


def test_over_tls_many_assets_come_by_the_batch(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch, another one, and one that is left."""
    trusting(certificate[0], monkeypatch)
    names = [f"/{number}.png" for number in range(2 * AT_ONCE + 1)]
    page = b'<main data-floodgate-state="closed">' + b"".join(b'<img src="%s">' % name.encode() for name in names)
    paths: list[str] = []
    together: list[int] = []

    def handle(sock: Any, _address: object) -> None:
        left = b""
        while data := sock.recv(65536):
            *requests, left = (left + data).split(b"\r\n\r\n")
            together.append(len(requests))
            for request in requests:
                paths.append(request.split()[1].decode())
                sock.sendall(_of_length(page if paths[-1] == "/" else b"x"))

    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = StreamServer(("127.0.0.1", 0), handle, ssl_context=context)
    server.start()
    host = f"https://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, exchanges), Timeout(NET):
            browser.open(f"{host}/")
    finally:
        server.stop()
    assert paths == ["/", *names]
    assert max(together) == AT_ONCE
    assert {each.status for each in exchanges} == {200}
    assert len(exchanges) == 1 + len(names)


def test_an_abort_among_assets_closes_all_that_are_open() -> None:
    page = b'<main data-floodgate-state="closed"><img src="/1.png"><img src="/2.png"><img src="/3.png">'
    waiting: list[str] = []
    gone: list[str] = []

    def handle(sock: Any, _address: object) -> None:
        while request := sock.recv(65536):
            name = request.split()[1].decode()
            if name == "/":
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
                continue
            waiting.append(name)
            sock.recv(1)
            gone.append(name)
            return

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, exchanges), Timeout(NET):
            person = gevent.spawn(browser.open, f"{host}/")
            while len(waiting) < 3:
                gevent.sleep(0.01)
            person.kill(Abandoned)
            with pytest.raises(Abandoned):
                person.get()
            assert [each.status for each in exchanges] == [200, None, None, None]
            assert browser._idle == []
            while len(gone) < 3:
                gevent.sleep(0.01)
    finally:
        server.stop()


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + PAGE,
        CHUNKED + b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, PAGE[:10], len(PAGE) - 10, PAGE[10:]),
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + PAGE,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + HEAD + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,
        HEAD.replace(b"OK\r\n", b"OK\r\nEmpty:\r\n") + PAGE,
    ],
    ids=["length", "chunked", "continue", "hints", "until closed", "empty header"],
)
def test_bodies_however_framed_and_in_however_many_packets(answer: bytes) -> None:
    def handle(sock: Any, address: Any) -> None:
        sock.recv(65536)
        for place in range(len(answer)):
            sock.sendall(answer[place : place + 1])
            gevent.sleep(0)

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, exchanges), Timeout(NET):
            page, whole = browser.open(f"{host}/")
    finally:
        server.stop()
    assert (page.state, whole.body, exchanges[0].size) == ("closed", PAGE, len(PAGE))


@pytest.mark.parametrize("secure", [pytest.param(False, id="in clear"), pytest.param(True, id="over TLS")])
@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        pytest.param([HEAD + PAGE], True, id="in one packet"),
        pytest.param([HEAD + PAGE[:9], PAGE[9:20], PAGE[20:]], True, id="its body in several"),
        pytest.param([HEAD[:20], HEAD[20:] + PAGE], True, id="its head in two"),
        pytest.param([HEAD + PAGE[:9]], False, id="ended too early"),
        pytest.param([HEAD + PAGE[:9], PAGE[9:20]], False, id="ended too early in the second packet"),
        pytest.param([HEAD + PAGE + PAGE], False, id="with more than it says"),
        pytest.param([HEAD + PAGE + HEAD + PAGE], False, id="with another behind it"),
    ],
)
def test_an_answer_whose_head_came_before_is_read_as_the_first(
    pieces: list[bytes],
    whole: bool,
    secure: bool,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting(certificate[0], monkeypatch)

    def handle(sock: Any, _address: object) -> None:
        sock.recv(65536)
        sock.sendall(HEAD + PAGE)
        sock.recv(65536)
        for piece in pieces:
            sock.sendall(piece)
            gevent.sleep(0.01)

    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    address = ("127.0.0.1", 0)
    server = StreamServer(address, handle, ssl_context=context) if secure else StreamServer(address, handle)
    server.start()
    host = f"http{'s' if secure else ''}://127.0.0.1:{server.server_port}"
    try:
        with browsing(host) as (browser, _seen), Timeout(NET):
            assert browser.open(f"{host}/")[1].body == PAGE
            if whole:
                assert browser.open(f"{host}/")[1].body == PAGE
            else:
                with pytest.raises(FAILURES):
                    browser.open(f"{host}/")
    finally:
        server.stop()


def test_a_head_with_a_cookie_is_one_persons_alone() -> None:
    heads = Heads()
    theirs = Answer(200, b"<main>", None, None, None, None, 0.0, False, None, None, ("AWSALB=a",))
    heads.put(b"one", theirs, keep=True)
    assert heads.get(b"one") is None
    for number in range(100):
        heads.put(b"%d" % number, theirs._replace(cookies=()), keep=True)
    assert heads.get(b"0") is None, "no more are remembered than there is room for"
    known = heads.get(b"99")
    assert known is not None
    assert known.with_body(b"<main>") == theirs._replace(cookies=())


def test_an_answer_that_nobody_asked_for_is_none() -> None:
    twice = 2 * (HEAD + PAGE)
    with raw_server(twice) as (host, _), browsing(host) as (browser, _seen), Timeout(NET), pytest.raises(FAILURES):
        browser.open(f"{host}/")


def test_a_connection_that_the_server_has_closed_is_made_anew(serving: Any) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n" + b'<main data-floodgate-state="closed">now..</main>'[:47]
    with raw_server(page) as (host, connections), browsing(host) as (browser, exchanges):
        assert browser.open(f"{host}/")[0].state == "closed"
        assert browser.open(f"{host}/")[0].state == "closed"
    assert len(connections) == 2
    assert [each.status for each in exchanges] == [200, 200]


def test_connections_are_reused_beyond_descriptor_1023() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip(f"this machine allows {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    ours, theirs = socket.socketpair()
    high = fcntl.fcntl(ours.fileno(), fcntl.F_DUPFD, 1500)
    sock = socket.socket(fileno=high)
    try:
        connection = Wire(sock, Act())
        assert connection.quiet()
        theirs.close()
        assert not connection.quiet()
    finally:
        sock.close()
        ours.close()


@pytest.mark.parametrize("turn", [pytest.param(0, id="first address"), pytest.param(1, id="second address")])
def test_of_several_addresses_one_that_answers_is_found(turn: int) -> None:
    """``localhost`` has two addresses on most machines; the server listens on one of them."""
    with raw_server(HEAD + PAGE, keep=True) as (host, _):
        name = host.replace("127.0.0.1", "localhost")
        browser = Browser(name, lambda _exchange: None, PageReader(), turn=turn)
        assert browser.open(f"{name}/")[0].state == "closed"
        browser.close()


def test_each_request_names_its_person() -> None:
    heard: list[bytes] = []

    def handle(sock: Any, _address: object) -> None:
        heard.append(sock.recv(65536))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    host = f"http://127.0.0.1:{server.server_port}"
    browser = Browser(host, lambda _exchange: None, PageReader(), storm_pass("secret", 7))
    try:
        browser.open(f"{host}/register/next/")
        browser.submit(f"{host}/floodgate/claim/next/", "name=Ada")
    finally:
        browser.close()
        server.stop()
    for request in heard:
        assert b"\r\nX-Floodgate-Storm: secret\r\nX-Floodgate-Person: 7\r\n" in request
    assert [request.split()[0] for request in heard] == [b"GET", b"POST"]
