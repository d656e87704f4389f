"""People on real sockets, against a server that behaves as its path says."""

from __future__ import annotations

import asyncio
import collections
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PAGE = b"x" * 500
WAITING = b'<p id="floodgate" data-floodgate-state="waiting">'


class Server:
    """Answers by its path: good, small, waiting, busy, broken, silent; counts connections, requests and who left."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.people: set[str] = set()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts["connections"] += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.counts["requests"] += 1
                self.people.add(head.partition("X-Person: ")[2].partition("\r\n")[0])
                path = head.split(" ")[1].partition("?")[0]
                if path == "/silent":
                    await reader.read(1)  # b"" when the person closes
                    self.counts["closed while waiting"] += 1
                    break
                if path == "/broken":
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")
                    break
                if path == "/kept" and "If-None-Match: W/" in head:
                    self.counts["unchanged"] += 1
                    writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
                    continue
                status, body = {
                    "/kept": ('200 OK\r\nETag: W/"1"', PAGE),
                    "/good": ("200 OK", PAGE),
                    "/small": ("200 OK", b"tiny"),
                    "/waiting": ("503 Busy", WAITING),
                    "/busy": ("503 Busy", b"no marker"),
                }[path]
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.counts["left"] += 1
        writer.close()


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


def live(server: Server, path: str, **more: Any) -> dict[str, Any]:
    specification = {
        **{"port": server.port, "host": "site", "path": path, "headers": {"X-Person": "{n}"}, "good_bytes": 400},
        **{"seconds": 1.2, "patience": 5.0, "retry": [0.02, 0.05], "seed": 1},
        **more,
    }
    command = [sys.executable, "-m", "bench.site.people", json.dumps(specification)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    report: dict[str, Any] = json.loads(done.stdout)
    assert len(report["ended"]) == len(report["took"]) == len(report["kind"])
    return report


CROWD = {"crowds": [{"people": 5, "start": 0.0, "end": 1.0, "gap": 0.1}]}
# Those who abort have time for it, also on a machine that does other things as well.
HASTY = {"patience": 0.3, "seconds": 2.5}


@pytest.mark.parametrize(
    ("path", "kind"), [("/good", "g"), ("/small", "e"), ("/waiting", "w"), ("/busy", "e"), ("/broken", "e")]
)
def test_what_people_see_is_told_by_status_size_and_marker(server: Server, path: str, kind: str) -> None:
    report = live(server, path, **{"crowds": [{**CROWD["crowds"][0], "end": 0.6}], "seconds": 0.8})
    assert set(report["kind"]) == {kind}
    assert len(report["kind"]) >= 5
    assert 0 <= report["requests"] - server.counts["requests"] <= 5  # those who left while they asked
    assert len(server.people) == 5


@pytest.mark.parametrize("revalidate", [True, False])
def test_who_has_the_page_asks_whether_it_is_another(server: Server, revalidate: bool) -> None:
    report = live(server, "/kept", revalidate=revalidate, **CROWD)
    assert set(report["kind"]) == {"g"}
    whole = server.counts["requests"] - server.counts["unchanged"]
    assert (whole == 5) is revalidate, "each is sent it once"
    assert report["received"] >= len(PAGE) * (whole - 5) + len(PAGE)
    assert (report["received"] < len(PAGE) * server.counts["requests"]) is revalidate


def test_a_good_connection_is_kept(server: Server) -> None:
    live(server, "/good", **CROWD)
    assert server.counts["connections"] == 5


def test_patience_ends_with_an_abort_that_closes(server: Server) -> None:
    report = live(server, "/silent", **CROWD, **HASTY)
    assert set(report["kind"]) == {"a"}
    assert all(took >= 0.29 for took in report["took"])
    deadline = time.monotonic() + 10
    while server.counts["closed while waiting"] < len(report["kind"]):
        assert time.monotonic() < deadline, server.counts
        time.sleep(0.02)


def test_arrivals_come_at_their_rate_however_slow_the_site_is(server: Server) -> None:
    report = live(server, "/silent", arrivals=[{"rate": 50.0, "start": 0.2, "end": 0.8}], **HASTY)
    assert report["requests"] == 30
    assert report["kind"] == "a" * 30
    good = live(server, "/good?u={n}", arrivals=[{"rate": 50.0, "start": 0.0, "end": 0.5}], seconds=2)
    assert good["kind"] == "g" * 25


def test_a_site_that_is_not_there_is_an_error_for_everybody(server: Server) -> None:
    server.stop()
    specification = {"arrivals": [{"rate": 20.0, "start": 0.0, "end": 0.5}]}
    server.port = 1
    assert live(server, "/good", **specification)["kind"] == "e" * 10
