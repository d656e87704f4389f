"""The page's server: files of its own, what happens as events, reports, messages, and a person's decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

from werkzeug.exceptions import BadRequest, Conflict, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from loopback.entrance import Entrance
from loopback.guard import Answer, Guard
from rehearsal.git_remote import HOUSE
from rehearsal.page.mailbox import Mailbox
from rehearsal.page.streams import Streams
from rehearsal.page.view import View
from rehearsal.page.watched import Watched
from rehearsal.progress import tail

_T = TypeVar("_T")

_ASSETS: Final = Path(__file__).parent / "assets"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

# Bytes of a request's body that are read: a decision has two words.
_BODY: Final = 1024

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A report comes from a build, a letter from anybody: each is drawn, runs nothing, loads nothing, and leads nowhere but
# to a window of its own.
_REPORT: Final = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

_DOOR: Final = (
    '<!doctype html><html lang="en"><title>Rehearsal</title><link rel="icon" href="assets/mark.svg">'
    "<p>The rehearsal's page opens.</p>"
)

_REFUSALS: Final = {
    Answer.STRANGER: "This page is for whoever has its address, with the token in it: `make page` prints it.\n",
    Answer.NOT_HERE: "Nothing is here. `make page` prints the page's address.\n",
    Answer.MISDIRECTED: "The page answers at the address that `make page` prints, and at no other name.\n",
}


class Decisions:
    """What a person decided on the page: ``make approve``'s or ``make reject``'s command, as a child of this process.

    It is in a session of its own: the page may end, the execution goes on.
    """

    def __init__(self, checkout: Path, folder: Path) -> None:
        self._checkout = checkout
        self._log = folder / "page" / "decision.log"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._about: dict[str, Any] = {}

    def start(self, word: str, execution: int) -> bool:
        """Start a command; False while another one runs."""
        with self._lock:
            if self._process and self._process.poll() is None:
                return False
            self._log.parent.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "rehearsal", "--checkout", str(self._checkout), word]
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [*command, "--execution", str(execution)], cwd=HOUSE, env=os.environ, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            self._about = {"word": word, "execution": execution}
            return True

    def latest(self) -> dict[str, Any] | None:
        """Return the last decision, and its command's exit code (None while it runs); None before the first."""
        with self._lock:
            if self._process is None:
                return None
            code = self._process.poll()
            return {**self._about, "code": code, "words": tail(self._log, 12) if code else []}


class _Request(Request):
    max_content_length = _BODY


class Page:
    """The WSGI application."""

    def __init__(self, checkout: Path, folder: Path, gate: Guard) -> None:
        self._folder = folder
        self._guard = gate
        self._view = View(folder)
        self._mailbox = Mailbox(folder)
        self._decisions = Decisions(checkout, folder)
        beside = {"dashboards": Watched(folder).read, "mailbox": self._mailbox.listed}
        self._streams = Streams(self._view, self._decisions.latest, beside)
        self._entrance = Entrance(gate, _POLICY, _DOOR, _REFUSALS)
        handlers: dict[str, tuple[str, Callable[..., Response]]] = {
            "": ("GET", self._front),
            "assets/<name>": ("GET", self._asset),
            "events": ("GET", self._events),
            "watch": ("POST", self._watch),
            "messages/<name>": ("GET", self._message),
            "messages/<name>/letter": ("GET", self._letter),
            "messages/<name>/<int:place>": ("GET", self._attachment),
            "read": ("POST", self._read),
            "report/<int:execution>/<int:action>/<int:place>": ("GET", self._report),
            "decisions": ("POST", self._decide),
        }
        self._handlers = {path: handler for path, (_, handler) in handlers.items()}
        self._map = Map(
            [
                Rule(gate.root + path, endpoint=path, methods=[method])
                for path, (method, _) in handlers.items()
            ]
        )  # fmt: skip

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        return self._entrance.respond(_Request(environ), self._show)(environ, start_response)

    def _show(self, request: Request) -> Response:
        try:
            path, values = self._map.bind_to_environ(request.environ).match()
            return self._handlers[path](request, **values)
        except HTTPException as error:
            return Response(f"{error.description}\n", status=error.code)

    def _front(self, request: Request) -> Response:
        del request
        text = (_ASSETS / "page.html").read_text(encoding="utf-8")
        return Response(text.replace("ACT_TOKEN", self._guard.act_token), mimetype="text/html")

    def _asset(self, request: Request, name: str) -> Response:
        del request
        file = _ASSETS / name
        if file.suffix not in _TYPES or not file.is_file():
            raise NotFound
        return Response(file.read_bytes(), mimetype=_TYPES[file.suffix])

    def _events(self, request: Request) -> Response:
        """Answer with Server-Sent Events, for all tabs that watch by this stream's name."""
        stream = request.args.get("stream")
        if not stream:
            raise BadRequest("a stream has a name, by which tabs watch")
        return Response(self._streams.open(stream), mimetype="text/event-stream")

    def _watch(self, request: Request) -> Response:
        stream, tab = request.form.get("stream"), request.form.get("tab")
        if not stream or not tab:
            raise BadRequest("who watches names the stream and the tab")
        if "leaves" in request.form:
            self._streams.leave(stream, tab)
        elif not self._streams.watch(
            stream, tab, request.form.get("execution", type=int), request.form.get("action", type=int)
        ):
            raise NotFound("no such stream is open")
        return Response(status=204)

    def _report(self, request: Request, execution: int, action: int, place: int) -> Response:
        del request
        file = self._view.report(execution, action, place)
        if file is None:
            raise NotFound
        kind = "text/html" if file.suffix == ".html" else "text/plain"
        return Response(file.read_bytes(), mimetype=kind, headers={"Content-Security-Policy": _REPORT})

    def _message(self, request: Request, name: str) -> Response:
        del request
        return Response(json.dumps(_found(self._mailbox.message(name))), mimetype="application/json")

    def _letter(self, request: Request, name: str) -> Response:
        del request
        # Its links open windows of their own: in the frame that it is shown in, nothing else may be.
        text = '<!doctype html><meta charset="utf-8"><base target="_blank">' + _found(self._mailbox.html(name))
        return Response(text, mimetype="text/html", headers={"Content-Security-Policy": _REPORT})

    def _attachment(self, request: Request, name: str, place: int) -> Response:
        del request
        file_name, content = _found(self._mailbox.attachment(name, place))
        response = Response(content, mimetype="application/octet-stream")
        response.headers.set("Content-Disposition", "attachment", filename=file_name)
        return response

    def _read(self, request: Request) -> Response:
        names = request.form.getlist("message")
        self._mailbox.mark_read(names or None)
        return Response(status=204)

    def _decide(self, request: Request) -> Response:
        word, execution = request.form.get("decision"), request.form.get("execution", type=int)
        if word not in {"approve", "reject"} or execution is None:
            raise BadRequest("a decision is to approve or to reject, and names its execution")
        if not self._decisions.start(word, execution):
            raise Conflict("another decision is being carried out")
        return Response(status=202)


def _found(value: _T | None) -> _T:
    if value is None:
        raise NotFound
    return value
