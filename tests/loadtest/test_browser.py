"""The lean browser against a real server: caching, broken answers, aborts, many descriptors."""

from __future__ import annotations

import fcntl
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
import pytest
from gevent import Timeout
from gevent.server import StreamServer

from loadtest.answer import FAILURES
from loadtest.browser import Browser, Exchange, storm_pass
from loadtest.connection import Connection
from loadtest.reader import PageReader


class Abandoned(Exception):
    pass


@contextmanager
def browsing(host: str) -> Iterator[tuple[Browser, list[Exchange]]]:
    seen: list[Exchange] = []
    browser = Browser(host, seen.append, PageReader())
    yield browser, seen
    browser.close()


@contextmanager
def raw_server(answer: bytes, keep: bool = False) -> Iterator[tuple[str, list[Any]]]:
    """A server that reads a request and says exactly `answer`; `keep` leaves the connection open then."""
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
    with serving({}) as host, browsing(host) as (browser, seen):
        page, _ = browser.open(f"{host}/register/next/")
        assert page.state == "closed"
        assert page.assets == tuple(f"{host}/wp-content/{name}" for name in ("style.css?ver=1", "site.js", "logo.png"))
        assert [(each.kind, each.status) for each in seen] == [("page", 200)] + [("asset", 200)] * 3
        browser.open(f"{host}/register/next/")
        assert [(each.kind, each.status) for each in seen[4:]] == [("page", 200)] + [("asset", 304)] * 3


def test_fresh_assets_are_not_asked_for_again() -> None:
    page = b'<main data-floodgate-state="closed"><img src="/a.png"></main>'
    headers = b"Content-Length: %d\r\nCache-Control: public, max-age=60\r\n\r\n" % len(page)
    with raw_server(b"HTTP/1.1 200 OK\r\n" + headers + page, keep=True) as (host, _), browsing(host) as (browser, seen):
        browser.open(f"{host}/")
        browser.open(f"{host}/")
    assert [each.kind for each in seen] == ["page", "asset", "page"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<main>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<main>",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n<main>",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_broken_answer_is_a_failure_and_never_a_page(answer: bytes) -> None:
    with raw_server(answer) as (host, _), browsing(host) as (browser, _seen), Timeout(5), pytest.raises(FAILURES):
        browser.open(f"{host}/")


def test_a_refused_connection_is_a_failure_with_no_status() -> None:
    with browsing("http://127.0.0.1:1") as (browser, seen):
        with pytest.raises(ConnectionRefusedError):
            browser.open("http://127.0.0.1:1/")
        assert [each.status for each in seen] == [None]


@pytest.mark.parametrize(
    "sent", [b"HT", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<main"]
)
def test_patience_ends_a_request_wherever_it_is_and_closes_the_connection(sent: bytes) -> None:
    with raw_server(sent, keep=True) as (host, connections), browsing(host) as (browser, seen):
        with pytest.raises(Abandoned), Timeout(0.1, Abandoned):
            browser.open(f"{host}/")
        with Timeout(5):
            gevent.sleep(0)
            assert connections[0].recv(1) == b"" or connections[0].fileno() == -1
        assert [each.status for each in seen] == [None]


def test_a_connection_that_the_server_has_closed_is_made_anew(serving: Any) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n" + b'<main data-floodgate-state="closed">now..</main>'[:47]
    with raw_server(page) as (host, connections), browsing(host) as (browser, seen):
        assert browser.open(f"{host}/")[0].state == "closed"
        assert browser.open(f"{host}/")[0].state == "closed"
    assert len(connections) == 2
    assert [each.status for each in seen] == [200, 200]


def test_connections_are_reused_beyond_descriptor_1023() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip(f"this machine allows {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    ours, theirs = socket.socketpair()
    high = fcntl.fcntl(ours.fileno(), fcntl.F_DUPFD, 1500)
    sock = gevent.socket.socket(fileno=high)
    try:
        connection = Connection(sock)
        assert connection.alive()
        theirs.close()
        assert not connection.alive()
    finally:
        sock.close()
        ours.close()


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
