"""The engine's own socket, as a stand-in speaks it: what goes over it, what is left to the client, how it fails."""

from __future__ import annotations

import json
import os
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from containers import engine_socket
from containers.engine import Engine
from containers.errors import EngineError


class StandIn(BaseHTTPRequestHandler):
    """An engine with the container ``here``, and the container ``stuck``, about which it says nothing."""

    protocol_version = "HTTP/1.1"
    server: Served

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        return

    def do_GET(self) -> None:
        self.server.requests.append(f"GET {self.path}")
        if self.path == "/version":
            self._answer(200, {"Components": [{"Name": self.server.names}]})
        elif self.path == "/containers/stuck/json":
            self.server.released.wait(30)
            self._answer(200, {})
        elif self.path == "/containers/here/json":
            self._answer(200, {"Id": "1"})
        else:
            self._answer(404, {"message": "No such container: gone"})

    def do_POST(self) -> None:
        self.server.requests.append(f"POST {self.path}")
        self._answer(204, None)

    def _answer(self, status: int, content: Any) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.server.hangs_up:
            # Without a word of it, as an engine that was restarted.
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)


class Served(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The stand-in's server."""

    daemon_threads = True
    hangs_up = False
    names = "Engine"

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), StandIn)
        self.requests: list[str] = []
        self.released = threading.Event()
        self.host = f"unix://{path}"


@pytest.fixture
def served() -> Iterator[Served]:
    with TemporaryDirectory(prefix="fg-") as folder, Served(Path(folder, "engine.sock")) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()


@pytest.fixture
def client(served: Served, tmp_path: Path) -> Engine:
    """A client that says what it was asked, of the stand-in's engine."""
    script = tmp_path / "docker"
    script.write_text('#!/bin/sh\necho "the client: $*"\n')
    script.chmod(0o755)
    return Engine((str(script),), {"DOCKER_HOST": served.host})


def test_what_is_asked_often_starts_no_process(client: Engine, served: Served) -> None:
    assert json.loads(client("container", "inspect", "here", "here")) == [{"Id": "1"}] * 2
    assert client("start", "one", "two") == "one\ntwo\n"
    assert served.requests == [
        "GET /containers/here/json", "GET /containers/here/json", "POST /containers/one/start",
        "POST /containers/two/start",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("run --rm debian true", id="a command that is made seldom"),
        pytest.param("container inspect --format={{.Id}} here", id="an option of its own"),
        pytest.param("exec --user=root here id", id="an exec with an option that is not known"),
        pytest.param("exec --interactive --tty here sh", id="a terminal"),
        pytest.param("volume ls --format={{.Driver}}", id="another format"),
        pytest.param("ps --all --quiet", id="without an option that changes what is printed"),
        pytest.param("ps --all --quiet --no-trunc here", id="a word where none belongs"),
        pytest.param("start", id="nothing to start"),
        pytest.param("stop --time=3 here", id="an option with a value"),
        pytest.param("rm --force --volumes here --link", id="an option after the names"),
    ],
)
def test_what_is_not_known_is_left_to_the_client(client: Engine, served: Served, words: str) -> None:
    assert client(*words.split()) == f"the client: {words}\n"
    assert served.requests == []


def test_what_has_secrets_is_left_to_the_client(client: Engine) -> None:
    assert client.run("start", "here", secrets={"TOKEN": "1"}).stdout == "the client: start here\n"


def test_a_refusal_has_the_engines_reason(client: Engine) -> None:
    with pytest.raises(EngineError, match=r"container failed: .*No such container: gone"):
        client("container", "inspect", "here", "gone")


def test_an_engine_that_says_nothing_is_given_up_in_time(client: Engine) -> None:
    with pytest.raises(EngineError, match=r"gave no answer in 0 s\."):
        client("container", "inspect", "stuck", timeout=0.2)
    assert client("container", "inspect", "here"), "what was waited for is not taken for the next answer"


def test_a_connection_that_the_engine_has_closed_is_made_anew(client: Engine, served: Served) -> None:
    served.hangs_up = True
    for _ in range(3):
        assert json.loads(client("container", "inspect", "here")) == [{"Id": "1"}]


def test_an_engine_that_is_gone_is_an_error(tmp_path: Path) -> None:
    gone = Engine((os.devnull,), {"DOCKER_HOST": f"unix://{tmp_path}/gone.sock"})
    with pytest.raises(EngineError, match=r"Cannot connect to the Docker daemon at unix:///.*/gone\.sock"):
        gone("start", "here")


def test_only_dockers_own_engine_is_asked_so(served: Served) -> None:
    assert engine_socket.is_docker(served.host)
    assert not engine_socket.is_docker("tcp://localhost:2375")
    assert not engine_socket.is_docker(f"{served.host}.none")
    served.names = "Podman Engine"
    assert not engine_socket.is_docker(served.host)
