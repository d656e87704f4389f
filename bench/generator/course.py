"""What the storm asks of a site besides its pages: a course that opens, is sold out soon after, and has a ledger."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.generator.filler_page import page
from bench.generator.static_site import ASSETS, COURSE, Site

NAME = "benchmark"
# Seconds from the opening until the page says that the course is sold out; every claim is told so at once.
ON_SALE = 5.0
FORM = (
    '<form id="floodgate-claim" method="post" action="/claim"><input name="name"><input type="email" name="email">'
    '<input type="hidden" name="course" value="benchmark"></form>'
)
LINKS = "".join(
    (
        f'<link rel="stylesheet" href="/assets/{ASSETS[0]}">',
        f'<script src="/assets/{ASSETS[1]}"></script>',
        f'<img src="/assets/{ASSETS[2]}">',
    )
)


@contextmanager
def offered(site: Site) -> Iterator[None]:
    """Serve the course's page and the interface for storms, behind the site's nginx, until the end of the block."""
    site.place("course.html", page("closed", assets=LINKS))
    with _Api(site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _Api(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, site: Site) -> None:
        self.site = site
        self.seats = 0
        super().__init__(("127.0.0.1", site.api), _Handler)

    def sell(self, opens_in: float) -> None:
        """Let the page say what people should see, at its time."""
        for state, form, moment in (("open", FORM, opens_in), ("sold-out", "", opens_in + ON_SALE)):
            content = page(state, form=form, assets=LINKS)
            timer = threading.Timer(moment, self.site.place, ("course.html", content))
            timer.daemon = True
            timer.start()


class _Handler(BaseHTTPRequestHandler):
    server: _Api

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with the ledger, or that the site is ready."""
        if "/ledger/" in self.path:
            ledger = {"course": NAME, "seats": self.server.seats, "sold": 0, "taken": 0, "claims": []}
            self._answer(200, ledger)
        else:
            self._answer(200, {"ready": True, "stage": "dev", "commit": "benchmark"})

    def do_POST(self) -> None:
        """Make the course."""
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seats = order["seats"]
        self.server.sell(order["opens_in"])
        now = time.time()
        course = {"course": NAME, "path": COURSE, "opens_at": now + order["opens_in"], "now": now}
        self._answer(201, {**course, "seats": order["seats"]})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
