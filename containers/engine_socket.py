"""The calls of Docker's client that are made often, answered over the engine's own socket: no process for each.

A process of the client is 20 to 50 ms of a core, a request over the socket less than one. ``answered`` takes a command
line as the client does and gives what the client would have printed, for the few shapes of a few commands that a
deployment makes by the hundred; what it does not know is the client's. ``tests/containers/test_engine_socket.py`` holds
both beside each other.
"""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from subprocess import CompletedProcess
from typing import IO, Any, Final
from urllib.parse import quote, urlencode

from containers.errors import EngineError

_SCHEME: Final = "unix://"
_REFUSED: Final = 400  # the lowest status that tells of an error
_NOT_FOUND: Final = 404
_OUT: Final = 1
_FRAME: Final = struct.Struct(">BxxxL")
# How often a kept connection may turn out to have been closed by the engine before a call is given up.
_TRIES: Final = 2
_PROBE_SECONDS: Final = 20.0
_kept = threading.local()


class Refused(Exception):
    """The engine's own reason for not doing something, with the status of its answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class _Call:
    """One command line: its engine, its options by name, its other words, what it is given, when it is given up."""

    path: str
    options: Mapping[str, Sequence[str]]
    words: Sequence[str]
    stdin: str | None
    deadline: float

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> bytes:
        """Return the engine's answer. Raise ``Refused`` where that is an error, ``TimeoutError`` where none comes."""
        target = f"{path}?{urlencode(query)}" if query else path
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        for attempt in range(_TRIES):
            connection = _connection(self.path)
            try:
                connection.timed(self.deadline)
                connection.request(method, target, content, headers)
                answer = connection.getresponse()
                read = answer.read()
            except TimeoutError:
                connection.close()
                raise
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                # Only a connection that had served before may have been closed since.
                if attempt + 1 == _TRIES or not connection.used:
                    raise
                continue
            connection.used = True
            if answer.status >= _REFUSED:
                raise Refused(answer.status, _reason(read))
            return read
        raise AssertionError("a call ends in its last try")


class _Connection(http.client.HTTPConnection):
    """A connection to the engine's socket, kept by its thread."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self.path = path
        self.used = False

    def connect(self) -> None:
        """Connect to the socket."""
        self.used = False
        self.sock = _connected(self.path, self.timeout)

    def timed(self, deadline: float) -> None:
        """Let the next request end by a moment."""
        self.timeout = max(0.001, deadline - time.monotonic())
        if self.sock is not None:
            self.sock.settimeout(self.timeout)


def _connected(path: str, timeout: float | None) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(timeout)
    try:
        made.connect(path)
    except BaseException:
        made.close()
        raise
    return made


def _connection(path: str) -> _Connection:
    found = getattr(_kept, "connection", None)
    if not isinstance(found, _Connection) or found.path != path:
        found = _kept.connection = _Connection(path)
    return found


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()


def is_docker(host: str) -> bool:
    """Say whether Docker's engine answers on the socket that ``host`` names."""
    if not host.startswith(_SCHEME):
        return False
    call = _Call(host.removeprefix(_SCHEME), {}, (), None, time.monotonic() + _PROBE_SECONDS)
    try:
        parts = json.loads(call.ask("GET", "/version")).get("Components", ())
    except (OSError, http.client.HTTPException, Refused, ValueError):
        return False
    return any(part.get("Name") == "Engine" for part in parts)


def answered(host: str, args: Sequence[str], stdin: str | None, timeout: float) -> CompletedProcess[str] | None:
    """Return what ``docker ARGS`` of the engine at ``host`` ends with, or None where that is left to the client.

    Raise ``EngineError`` where no answer comes in ``timeout`` seconds.
    """
    known = _COMMANDS.get(tuple(args[:2])) or _COMMANDS.get(tuple(args[:1]))
    if known is None or not host.startswith(_SCHEME):
        return None
    command, shape, length = known
    parsed = _parsed(args[length:], shape)
    if parsed is None:
        return None
    options, words = parsed
    call = _Call(host.removeprefix(_SCHEME), options, words, stdin, time.monotonic() + timeout)
    try:
        code, out, err = command(call)
    except Refused as refused:
        code, out, err = 1, "", f"Error response from daemon: {refused}\n"
    except TimeoutError:
        raise EngineError(f"docker {args[0]} gave no answer in {timeout:.0f} s.") from None
    except (OSError, http.client.HTTPException) as error:
        code, out, err = 1, "", f"Cannot connect to the Docker daemon at {host}: {error}\n"
    return CompletedProcess(["docker", *args], code, out, err)


def _parsed(args: Sequence[str], shape: _Shape) -> tuple[dict[str, list[str]], list[str]] | None:
    """Return options and words, or None where an option is not of the shape, or not as the shape demands."""
    options: dict[str, list[str]] = {}
    rest = list(args)
    while rest and rest[0].startswith("-"):
        name, is_valued, value = rest.pop(0).partition("=")
        if shape.options.get(name) is not bool(is_valued):
            return None
        options.setdefault(name, []).append(value)
    if any(word.startswith("-") for word in rest) and not shape.verbatim:
        return None
    for name, wanted in shape.demanded.items():
        values = options.get(name, [])
        if len(values) != 1 or wanted not in (None, values[0]):
            return None
    if bool(rest) != shape.worded:
        return None
    return options, rest


@dataclass(frozen=True)
class _Shape:
    """Which options a command may have (True: with a value), which it must have, and whether words follow them.

    What is demanded has this value, or any where that is None.
    """

    options: Mapping[str, bool]
    demanded: Mapping[str, str | None] = field(default_factory=dict)
    worded: bool = True
    # The words after the first are another program's.
    verbatim: bool = False


_Ended = tuple[int, str, str]


def _inspect(kind: str) -> Callable[[_Call], _Ended]:
    def inspect(call: _Call) -> _Ended:
        found = []
        for name in call.words:
            try:
                found.append(call.ask("GET", f"/{kind}/{quote(name, safe='')}{_SUFFIX[kind]}").decode().strip())
            except Refused as refused:
                if refused.status != _NOT_FOUND:
                    raise
                return 1, "[]\n", f"Error: {refused}\n"
        return 0, f"[{','.join(found)}]\n", ""

    return inspect


_SUFFIX: Final = {"containers": "/json", "volumes": "", "networks": ""}


def _labelled(call: _Call) -> str:
    filters: dict[str, list[str]] = {}
    for written in call.options.get("--filter", ()):
        name, _, value = written.partition("=")
        filters.setdefault(name, []).append(value)
    return json.dumps(filters)


def _ps(call: _Call) -> _Ended:
    found = json.loads(call.ask("GET", "/containers/json", all="1", filters=_labelled(call)))
    return 0, "".join(f"{each['Id']}\n" for each in found), ""


def _volumes(call: _Call) -> _Ended:
    found = json.loads(call.ask("GET", "/volumes", filters=_labelled(call)))["Volumes"] or []
    return 0, "".join(f"{name}\n" for name in sorted(each["Name"] for each in found)), ""


def _create_volume(call: _Call) -> _Ended:
    labels = dict(written.partition("=")[::2] for written in call.options.get("--label", ()))
    [name] = call.words
    call.ask("POST", "/volumes/create", {"Name": name, "Labels": labels})
    return 0, f"{name}\n", ""


def _each(method: str, path: str, **query: str) -> Callable[[_Call], _Ended]:
    """Return a command that does one thing to each of its words, and prints those with which it went well."""

    def command(call: _Call) -> _Ended:
        out, err = "", ""
        for name in call.words:
            try:
                call.ask(method, path.format(quote(name, safe="")), **query)
                out += f"{name}\n"
            except Refused as refused:
                # With --force, what is gone already is as it should be.
                if not (refused.status == _NOT_FOUND and "--force" in call.options):
                    err += f"Error response from daemon: {refused}\n"
        return int(bool(err)), out, err

    return command


def _wait(call: _Call) -> _Ended:
    codes = [json.loads(call.ask("POST", f"/containers/{quote(name)}/wait"))["StatusCode"] for name in call.words]
    return 0, "".join(f"{code}\n" for code in codes), ""


def _update(call: _Call) -> _Ended:
    [policy] = call.options["--restart"]
    for name in call.words:
        call.ask("POST", f"/containers/{quote(name)}/update", {"RestartPolicy": {"Name": policy}})
    return 0, "".join(f"{name}\n" for name in call.words), ""


def _exec(call: _Call) -> _Ended:
    name, *argv = call.words
    stdin = (call.stdin or "").encode() if "--interactive" in call.options else None
    command = {"Cmd": argv, "AttachStdin": stdin is not None, "AttachStdout": True, "AttachStderr": True}
    identity = json.loads(call.ask("POST", f"/containers/{quote(name)}/exec", command))["Id"]
    out, err = _attached(call, identity, stdin)
    code = json.loads(call.ask("GET", f"/exec/{identity}/json"))["ExitCode"]
    return int(code), out, err


def _attached(call: _Call, identity: str, stdin: bytes | None) -> tuple[str, str]:
    """Start a command in a container, and return what it writes on both of its streams until it ends."""
    body = b'{"Detach": false, "Tty": false}'
    head = (
        f"POST /exec/{identity}/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with _connected(call.path, max(0.001, call.deadline - time.monotonic())) as attached:
        attached.sendall(head.encode() + body)
        with attached.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            headers = http.client.parse_headers(stream)
            if status >= _REFUSED:
                raise Refused(status, _reason(stream.read(int(headers.get("Content-Length", "0")))))
            if stdin is not None:
                attached.sendall(stdin)
                attached.shutdown(socket.SHUT_WR)
            return _streams(stream, lambda: attached.settimeout(max(0.001, call.deadline - time.monotonic())))


def _streams(source: IO[bytes], before: Callable[[], None] = lambda: None) -> tuple[str, str]:
    """Return what stands on both streams of what the engine writes frame by frame."""
    written = {_OUT: b"", _OUT + 1: b""}
    while frame := source.read(_FRAME.size):
        before()
        number, length = _FRAME.unpack(frame)
        written[number] += source.read(length)
    return _text(written[_OUT]), _text(written[_OUT + 1])


def _text(written: bytes) -> str:
    """Return text with the ends of lines that a process's output is read with."""
    return written.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _logs(call: _Call) -> _Ended:
    [name] = call.words
    [tail] = call.options.get("--tail", ["all"])
    query = {"stdout": "1", "stderr": "1", "tail": tail, "timestamps": str(int("--timestamps" in call.options))}
    query |= {name.strip("-"): call.options[name][-1] for name in ("--since", "--until") if name in call.options}
    out, err = _streams(BytesIO(call.ask("GET", f"/containers/{quote(name)}/logs", **query)))
    return 0, out, err


_NAMES: Final = _Shape({})
_COMMANDS: Final[Mapping[tuple[str, ...], tuple[Callable[[_Call], _Ended], _Shape, int]]] = {
    ("container", "inspect"): (_inspect("containers"), _NAMES, 2),
    ("volume", "inspect"): (_inspect("volumes"), _NAMES, 2),
    ("network", "inspect"): (_inspect("networks"), _NAMES, 2),
    ("ps",): (
        _ps,
        _Shape(
            {"--all": False, "--quiet": False, "--no-trunc": False, "--filter": True},
            dict.fromkeys(("--all", "--quiet", "--no-trunc"), ""),
            worded=False,
        ),
        1,
    ),
    ("volume", "ls"): (
        _volumes,
        _Shape({"--format": True, "--filter": True}, {"--format": "{{.Name}}"}, worded=False),
        2,
    ),
    ("volume", "create"): (_create_volume, _Shape({"--label": True}), 2),
    ("volume", "rm"): (
        _each("DELETE", "/volumes/{}", force="1"), _Shape({"--force": False}, {"--force": ""}), 2,
    ),
    ("start",): (_each("POST", "/containers/{}/start"), _NAMES, 1),
    ("stop",): (_each("POST", "/containers/{}/stop"), _NAMES, 1),
    ("rm",): (
        _each("DELETE", "/containers/{}", force="1", v="1"),
        _Shape({"--force": False, "--volumes": False}, {"--force": "", "--volumes": ""}),
        1,
    ),
    ("wait",): (_wait, _NAMES, 1),
    ("update",): (_update, _Shape({"--restart": True}, {"--restart": None}), 1),
    ("logs",): (_logs, _Shape({"--timestamps": False, "--tail": True, "--since": True, "--until": True}), 1),
    ("exec",): (_exec, _Shape({"--interactive": False}, verbatim=True), 1),
}  # fmt: skip
