"""Access logs: nginx's combined format, our own nginx's JSON lines, and those of AWS application load balancers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import islice
from sys import intern  # a log says the same few things a million times
from typing import Any, Final
from urllib.parse import urlsplit

from loadtest.record.exit_codes import BadInput

# The share of lines that may be of no format: other programs write into the same stream now and then.
UNREADABLE: Final = 0.1
# Lines at the start among which the first one of a known format decides which it is.
LOOK: Final = 100
_CACHED: Final = ("HIT", "UPDATING")
_COMBINED: Final = re.compile(
    r'(?P<client>\S+) \S+ .*?\[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?:\d+|-)'
    r' "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)"(?: "(?P<forwarded>[^"]*)")?'
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request: who sent what, its status, when its answer was over, and how many seconds it took.

    The end is in epoch seconds (the middle of the second where the log has whole seconds); None where the log does not
    say. ``cache`` is what nginx's cache said to it, if it was asked.
    """

    client: str
    agent: str
    method: str
    path: str
    status: int
    end: float
    seconds: float | None
    cache: str = ""

    @property
    def start(self) -> float:
        """When it began; as far as that is known."""
        return self.end - (self.seconds or 0.0)


@dataclass(frozen=True)
class Format:
    """A format: its name, what reads a line of it (None if it is none), and how fine its times are, in seconds."""

    name: str
    parse: Callable[[str], Request | None]
    resolution: float
    has_durations: bool = True


@dataclass
class Log:
    """What was read: the requests in no particular order, and how many lines were not understood."""

    format: Format
    requests: list[Request]
    strange: int

    @cached_property
    def hides_cached(self) -> bool:
        """Whether answers from nginx's cache seem to leave no line, as our nginx has it."""
        states = {request.cache for request in self.requests}
        return bool(states - {"", "BYPASS"}) and not states & set(_CACHED)


def read(paths: Sequence[str]) -> Log:
    """Read all requests of some files, plain or gzipped; ``-`` is standard input. Raise BadInput."""
    lines = ((place, line) for path in paths for place, line in _lines(path))
    first = list(islice(lines, LOOK))
    if not first:
        raise BadInput(f"{', '.join(paths)}: the log is empty")
    found = next((each for _, line in first for each in FORMATS if each.parse(line)), None)
    if found is None:
        names = ", ".join(each.name for each in FORMATS)
        raise BadInput(f"{first[0][0]}: not an access log; {first[0][1][:80]!r} is none of: {names}")
    requests: list[Request] = []
    strange: list[str] = []
    for group in (first, lines):
        for place, line in group:
            request = found.parse(line)
            if request:
                requests.append(request)
            else:
                strange.append(f"{place}: {line[:80]!r}")
    if len(strange) > UNREADABLE * (len(requests) + len(strange)):
        raise BadInput(
            f"{len(strange)} of {len(requests) + len(strange)} lines are not in the format of the others "
            f"({found.name}), such as {strange[0]}"
        )
    return Log(found, requests, len(strange))


def _lines(path: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file that are not empty, each with its place."""
    name = "standard input" if path == "-" else path
    try:
        with io.BufferedReader(io.FileIO(0 if path == "-" else path, closefd=path != "-")) as raw:
            stream = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
            for number, line in enumerate(stream, start=1):
                text = line.decode("utf-8", errors="replace").strip()
                if text:
                    yield f"{name}:{number}", text
    except OSError as error:
        raise BadInput(f"the log {name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise BadInput(f"the log {name} is broken gzip: {error}") from error


def _combined(line: str) -> Request | None:
    match = _COMBINED.match(line)
    if not match:
        return None
    end = _apache_time(match["time"])
    if end is None:
        return None
    method, path = _request_line(match["request"])
    # Behind a proxy, nginx's usual `main` format ends with whom the proxy spoke for.
    forwarded = (match["forwarded"] or "-").split(",")[0].strip()
    client = match["client"] if forwarded in ("", "-") else forwarded
    return Request(intern(client), intern(match["agent"]), method, path, int(match["status"]), end + 0.5, None)


def _ours(line: str) -> Request | None:
    start = line.find("{")  # CloudWatch exports put the time before each line
    try:
        fields: dict[str, Any] = json.loads(line[start:]) if start >= 0 else {}
        match fields:
            case {
                "time": str(time),
                "client": str(client),
                "method": str(method),
                "uri": str(uri),
                "status": int(status),
                "seconds": int() | float() as seconds,
            }:
                path, end = urlsplit(uri).path, datetime.fromisoformat(time).timestamp() + 0.5
                agent, cache = intern(str(fields.get("agent", ""))), intern(str(fields.get("cache", "")))
                return Request(intern(client), agent, intern(method), intern(path), status, end, float(seconds), cache)
    except ValueError:
        pass  # neither JSON nor a time: not a line of this format
    return None


def _alb(line: str) -> Request | None:
    try:
        fields = next(csv.reader([line], delimiter=" "))
        kind, time, client, status, request, agent = (fields[place] for place in (0, 1, 3, 8, 12, 13))
        end, start = (datetime.fromisoformat(text).timestamp() for text in (time, fields[21]))
        method, path = _request_line(request)
    except (ValueError, IndexError, csv.Error):
        return None
    if kind not in ("http", "https", "h2"):
        return None
    number = int(status) if status.isdigit() else 0
    client = intern(client.rpartition(":")[0])
    return Request(client, intern(agent), method, path, number, end, max(0.0, end - start))


def _request_line(text: str) -> tuple[str, str]:
    """Return method and path; both empty for what is no HTTP request, such as a port scan."""
    words = text.split(" ")
    try:
        return (intern(words[0]), intern(urlsplit(words[1]).path)) if len(words) == 3 else ("", "")
    except ValueError:
        return "", ""


@lru_cache(maxsize=4096)
def _apache_time(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()
    except ValueError:
        return None


FORMATS: Final[Iterable[Format]] = (
    Format("nginx combined", _combined, 1.0, has_durations=False),
    Format("Floodgate's nginx (JSON)", _ours, 1.0),
    Format("AWS application load balancer", _alb, 0.0),
)
