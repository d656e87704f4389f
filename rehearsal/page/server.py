"""The page's server: files of its own, the state and the logs as events, reports, and a person's decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from werkzeug.exceptions import BadRequest, Conflict, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from rehearsal.git_remote import HOUSE
from rehearsal.page import guard
from rehearsal.page.guard import Answer, Guard
from rehearsal.page.log_reader import LogReader
from rehearsal.page.view import View
from rehearsal.progress import tail
from rehearsal.values.execution_record import Status

_ASSETS: Final = Path(__file__).parent / "assets"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

# Seconds between two looks at the files, and after which a silent line says that it is still there.
_LOOK: Final = 0.4
_ALIVE: Final = 10.0

# Bytes of a request's body that are read: a decision has two words.
_BODY: Final = 1024

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# A report comes from a build: it is drawn, runs nothing, loads nothing, and leads nowhere but to a window of its own.
_REPORT: Final = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
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
        self._decisions = Decisions(checkout, folder)
        self._cookie = f"floodgate-{gate.port}"
        handlers: dict[str, tuple[str, Callable[..., Response]]] = {
            "": ("GET", self._front),
            "assets/<name>": ("GET", self._asset),
            "events": ("GET", self._events),
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
        return self._answer(_Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        headers = request.headers
        answer = self._guard.judge(
            guard.Request(
                method=request.method, host=headers.get("Host"), path=request.path, origin=headers.get("Origin"),
                fetch_site=headers.get("Sec-Fetch-Site"), fetch_mode=headers.get("Sec-Fetch-Mode"),
                cookie=request.cookies.get(self._cookie), token=request.args.get("token"),
                act_token=headers.get("X-Act-Token"),
            )
        )  # fmt: skip
        if answer is Answer.ENTERS:
            # Without the token, which is not left in the address bar, nor in the history.
            response = Response(status=answer.value, headers={"Location": self._guard.root})
            response.set_cookie(
                self._cookie, self._guard.session, path=self._guard.root, httponly=True, samesite="Strict"
            )
        elif answer is not Answer.ALLOWED:
            response = Response(_REFUSALS[answer], status=answer.value)
        else:
            try:
                path, values = self._map.bind_to_environ(request.environ).match()
                response = self._handlers[path](request, **values)
            except HTTPException as error:
                response = Response(f"{error.description}\n", status=error.code)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

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
        """Answer with Server-Sent Events: ``state`` when it has changed, ``log`` what an action's log has grown by."""
        execution = request.args.get("execution", type=int)
        action = request.args.get("action", type=int)
        return Response(self._stream(execution, action), mimetype="text/event-stream")

    def _stream(self, execution: int | None, action: int | None) -> Iterator[bytes]:
        before, last_word = None, time.monotonic()
        reader: LogReader | None = None
        read: tuple[int, int] | None = None
        while True:
            state = self._view.read(execution) | {"decision": self._decisions.latest()}
            if state != before:
                before, last_word = state, time.monotonic()
                yield _event("state", state | {"now": time.time()})
            shown = _shown(state, action)
            if shown != read:
                read, file = shown, self._view.log(*shown) if shown else None
                reader = LogReader(file) if file else None
                yield _event("log", {"action": shown[1] if shown else None, "begins": True, "text": ""})
            if reader and read:
                runs = state["execution"]["actions"][read[1]]["status"] == Status.RUNNING
                while text := reader.read(over=not runs):
                    last_word = time.monotonic()
                    yield _event("log", {"action": read[1], "begins": False, "text": text})
            if time.monotonic() - last_word > _ALIVE:
                last_word = time.monotonic()
                yield b": still here\n\n"
            time.sleep(_LOOK)

    def _report(self, request: Request, execution: int, action: int, place: int) -> Response:
        del request
        file = self._view.report(execution, action, place)
        if file is None:
            raise NotFound
        kind = "text/html" if file.suffix == ".html" else "text/plain"
        return Response(file.read_bytes(), mimetype=kind, headers={"Content-Security-Policy": _REPORT})

    def _decide(self, request: Request) -> Response:
        word, execution = request.form.get("decision"), request.form.get("execution", type=int)
        if word not in {"approve", "reject"} or execution is None:
            raise BadRequest("a decision is to approve or to reject, and names its execution")
        if not self._decisions.start(word, execution):
            raise Conflict("another decision is being carried out")
        return Response(status=202)


def _shown(state: dict[str, Any], action: int | None) -> tuple[int, int] | None:
    """Choose the action whose log is shown: the one that was chosen, else the one that is, or was, the last at work."""
    execution = state.get("execution")
    if not execution:
        return None
    actions = execution["actions"]
    if action is not None:
        return (execution["execution"], action) if 0 <= action < len(actions) else None
    begun = [index for index, each in enumerate(actions) if each["status"] != Status.PENDING and not each["approval"]]
    return (execution["execution"], begun[-1]) if begun else None


def _event(name: str, value: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n".encode()
