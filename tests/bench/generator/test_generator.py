"""The benchmark of the generator: its targets (met, not met, not measured), its record, its page, its own counting."""

from __future__ import annotations

import gzip
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.generator.certificate import write
from bench.generator.filler_page import page
from bench.generator.goals import judge
from bench.generator.orders import Order
from bench.generator.results import CLIENTS, LAYERS, MODES, Crowd, Layer, Rate, Record, Rest, Weight
from bench.generator.tables import render
from loadtest.crowd.browser.page import read

PER_SECOND = {"person": 24_000, "fast": 5_000, "http": 1_500, "wrk": 70_000}


def whole() -> Record:
    """Return a run that meets every target."""
    record = Record(parts=["rates", "rest", "crowd"], page={"plain": 42_000, "gzip": 10_000})
    for number in range(3):
        for mode in MODES:
            for client in CLIENTS:
                record.rates.append(Rate(client, mode, number, 2 * PER_SECOND[client], 2.0, 2.0, 0))
    record.rests = [Rest("person", 2000, 0.05, 1.0, 24.0), Rest("fast", 200, 0.1, 1.2, 80.0)]
    for number, cpu in enumerate((2.0, 1.0, 4.0)):
        for mode in MODES:
            for place, client in enumerate(LAYERS, start=1):
                record.layers.append(Layer(client, mode, number, 100_000, cpu * place, cpu / 2))
    record.weights = [Weight(15.0, 6.0, 24.0)]
    record.crowds = [
        Crowd(5000, 2, [[0.1] * 20 + [0.6] * 15 + [0.1] * 20] * 2, 8.0, 20.0, 90.0, 20.0, 60_000, 75_000, [])
    ]
    return record


def slower(mode: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.rates = [
            replace(rate, answers=rate.answers // 3) if (rate.client, rate.mode) == ("person", mode) else rate
            for rate in record.rates
        ]

    return change


def crowd(**changes: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.crowds = [replace(record.crowds[0], **changes)]  # type: ignore[arg-type] # any field

    return change


def rest(**changes: float) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.rests[0] = replace(record.rests[0], **changes)  # type: ignore[arg-type] # any field

    return change


def test_a_run_that_meets_them_all() -> None:
    verdicts = judge(whole())
    assert [verdict.name for verdict in verdicts if not verdict.met] == []
    assert len(verdicts) == 8


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        (slower("kept"), "kept connections"),
        (slower("new"), "a new connection each time"),
        (slower("tls"), "new TLS each time"),
        (rest(memory=25.1), "memory"),
        (rest(made=0.31), "start-up"),
        (crowd(cpu=[[0.1] * 20 + [0.7] * 10 + [0.1] * 20] * 2), "CPU"),
        (crowd(cpu=[[0.9] * 30, [0.6] * 30]), "CPU"),
        (crowd(lag=50.1), "schedule lag"),
        (crowd(read_lag=250.1), "read-lag"),
    ],
)
def test_a_target_that_is_missed_is_the_only_one(change: Callable[[Record], None], missed: str) -> None:
    record = whole()
    change(record)
    (verdict,) = [verdict for verdict in judge(record) if not verdict.met]
    assert missed in verdict.name


def test_what_was_not_measured_is_never_met() -> None:
    verdicts = judge(Record(parts=["rates", "rest", "crowd"]))
    assert [(verdict.met, verdict.measured) for verdict in verdicts] == [(False, "not measured")] * 8
    faulty = whole()
    crowd(faults=["worker 1 has not reported"])(faulty)
    assert [verdict.met for verdict in judge(faulty)[-3:]] == [False, False, False]
    assert [verdict.name for verdict in judge(Record(parts=["rest"]))] == [
        verdict.name for verdict in judge(whole())[3:5]
    ]


def test_the_busiest_seconds_are_those_of_both_workers_together() -> None:
    one, other = [0.0] * 5 + [1.0] * 10 + [0.0] * 5, [0.0] * 10 + [1.0] * 10
    storm = replace(whole().crowds[0], cpu=[one, other])
    assert storm.busiest(1) == 1.0
    assert storm.busiest(10) == pytest.approx(0.75)
    assert replace(storm, cpu=[[0.2] * 3, [0.4] * 3]).busiest(10) == pytest.approx(0.3)


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    record = whole()
    record.save(tmp_path / "storm.json")
    assert Record.load(tmp_path / "storm.json") == record
    assert render(record) == render(Record.load(tmp_path / "storm.json"))
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match="no record of this benchmark"):
        Record.load(tmp_path / "other.json")


def test_the_table_shows_every_client_and_the_targets() -> None:
    text = render(whole())
    assert text.count("this project's person | 24,000") == len(MODES)
    assert "4.80 (4.80 to 4.80)" in text
    assert "not met" not in text


def test_the_tables_show_what_each_layer_adds() -> None:
    text = render(whole())
    assert "| the connection: the kernel | 5 | 5 | 5 |" in text, "of the least disturbed round"
    assert "| the connection: OpenSSL, gevent's loop, Python | 5 | 5 | 5 |" in text
    assert "| the browser: heads, cache, pages | 10 | 10 | 10 |" in text
    assert "| in all | 30 | 30 | 30 |" in text
    assert "| what the first page leaves besides | 3.0 |" in text
    unmeasured = whole()
    unmeasured.layers = [layer for layer in unmeasured.layers if layer.client != "browser"]
    assert "Where the time of a request goes" not in render(unmeasured), "half of it says nothing"


def test_the_page_has_the_size_of_the_sites_and_its_marker() -> None:
    body = page("closed")
    assert 40_000 < len(body) < 45_000
    assert 8_500 < len(gzip.compress(body, 6)) < 11_000
    assert read(body.decode(), "http://localhost/", with_assets=False).state == "closed"


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def do_GET(self) -> None:
        self.server.answered += 1
        body = page("closed")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """The page over TLS."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.answered = 0
        self.certificate, key = write(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: users who are killed are no news."""


@pytest.mark.parametrize("client", ["person", "browser", "fast", "http"])
def test_a_client_counts_what_a_real_server_answered(client: str, tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        order = Order(
            client,
            f"https://127.0.0.1:{server.server_port}/page.html",
            users=3,
            core=min(os.sched_getaffinity(0)),
            seconds=1.0,
        )
        done = subprocess.run(
            [sys.executable, "-m", "bench.generator.client_process", json.dumps(asdict(order))],
            env={**os.environ, **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(server.certificate))},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    measured = json.loads(done.stdout.splitlines()[-1])
    # On a busy machine nothing may be answered before it is counted.
    assert 0 < measured["answers"] <= measured["total"]
    assert measured["failures"] == 0
    assert abs(server.answered - measured["total"]) <= 2 * order.users
