"""The storm while it runs, as a page on loopback: the live line, and the report's timeline as it grows.

It is answered by the storm's master, beside its watch over the workers: no person of the crowd lives in that process.
The browser draws; the master hands out a second's figures once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import gevent
from gevent.pywsgi import WSGIServer
from werkzeug.wrappers import Request, Response

from loadtest.live import live_line
from loadtest.live.timeline import PLOTS, axis, seconds
from loadtest.record.record import Record
from loopback.entrance import Entrance
from loopback.guard import Answer, Guard

ASSETS: Final = Path(__file__).with_name("assets")
FILES: Final = {"page.css": "text/css", "page.js": "text/javascript"}
# Seconds since its last look after which a page is taken for closed: the report, drawn in this process, keeps looks
# waiting. And for how long the end waits for one that is open.
CLOSED_AFTER: Final = 60.0
LAST_LOOK: Final = 3.0
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOOR: Final = '<!doctype html><html lang="en"><title>Storm</title><link rel="icon" href="data:,"><p>The page opens.</p>'
STRANGER: Final = "This page is for whoever has its address, with the token in it: the storm printed it.\n"
REFUSALS: Final = dict.fromkeys((Answer.STRANGER, Answer.NOT_HERE, Answer.MISDIRECTED), STRANGER)


class LivePage:
    """Serves the page of a run of storms, on a port of 127.0.0.1 (0: a free one). Raise OSError where it is taken."""

    def __init__(self, port: int) -> None:
        self._server = WSGIServer(("127.0.0.1", port), self._answer, log=None, error_log=None)
        self._server.start()
        self._guard = Guard(int(self._server.address[1]))
        self._entrance = Entrance(self._guard, POLICY, DOOR, REFUSALS)
        self._record: Record | None = None
        self._moment = 0.0
        self._storm = 0
        self._end = ""
        self._seen_end = False
        self._looked = -CLOSED_AFTER

    @property
    def address(self) -> str:
        """What a person opens."""
        return self._guard.address

    def look(self, record: Record, moment: float) -> None:
        """Show a storm as it is at a moment, in seconds from the opening."""
        self._storm += record is not self._record
        self._record, self._moment = record, moment

    def finish(self, words: str) -> None:
        """Show how it ended, for as long as a page that is open needs to see it, and end."""
        self._end = words
        until = time.monotonic() + LAST_LOOK
        open_still = time.monotonic() - self._looked < CLOSED_AFTER
        while open_still and not self._seen_end and time.monotonic() < until:
            gevent.sleep(0.05)
        self._server.stop(timeout=1)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self._entrance.respond(Request(environ), self._show)(environ, start_response)

    def _show(self, request: Request) -> Response:
        if request.method != "GET":
            return Response(STRANGER, status=405)
        name = request.path.removeprefix(self._guard.root)
        if name == "state":
            self._looked = time.monotonic()
            self._seen_end = self._seen_end or bool(self._end)
            return Response(json.dumps(self._state(request)), mimetype="application/json")
        if name == "":
            return Response((ASSETS / "page.html").read_bytes(), mimetype="text/html")
        if name in FILES:
            return Response((ASSETS / name).read_bytes(), mimetype=FILES[name])
        return Response("Nothing is here.\n", status=404)

    def _state(self, request: Request) -> dict[str, Any]:
        """Return what is new to a page that has been told of a storm as it was at a moment."""
        record = self._record
        if record is None:
            return {"storm": 0, "line": "The storm has not begun.", "end": self._end, "seconds": []}
        known = request.args.get("moment", type=float) if request.args.get("storm", type=int) == self._storm else None
        return {
            "storm": self._storm,
            "moment": self._moment,
            "site": record.host,
            "line": live_line.line(record, record.phases, self._moment),
            "end": self._end,
            **axis(record),
            "plots": PLOTS,
            "seconds": seconds(record, known),
        }
