"""The formats of access logs: each reads a line of its own, and says None to any other.

Who asked is an address, at the place where the format has it; a line that has something else there is not understood.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern  # a log says the same few things a million times
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from loadtest.record.codec import read_json


class Request(NamedTuple):
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


_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
# What stands before a line that came by another way: syslog (RFC 3164 and 5424), Docker's and Kubernetes' logs.
_PREFIXES: Final = re.compile(
    r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [^\s:\[\]]+(?:\[\d+\])?: "
    r"|(?:<\d{1,3}>1 )?\d{4}-\d\d-\d\dT\S+ \S+ [^\s:\[\]]+(?:\[\d+\])?: "
    r"|<\d{1,3}>1 \S+ \S+ \S+ \S+ \S+ (?:-|\[[^\]]*\]) "
    r"|\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP] "
    r"|[\w.-]+ +\| "
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* "
)
# Of nginx and Apache: common, combined, Apache's vhost_combined, and what may follow.
_COMBINED: Final = re.compile(
    rf'(?P<head>[^\["]*)\[(?P<time>[^\]]+)\] (?P<request>{_QUOTED}) (?P<status>\d{{3}}) (?:\d+|-)'
    rf"(?: {_QUOTED} (?P<agent>{_QUOTED}))?(?P<rest>.*)"
)
_FORWARDED: Final = re.compile(r' "([^"]*)"')
# After the user agent: the number of the request, the router, the server's address, the milliseconds.
_TRAEFIK: Final = re.compile(rf" \d+ {_QUOTED} {_QUOTED} (\d+)ms$")
_HAPROXY: Final = re.compile(
    r"(?P<client>\S+):\d+ \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] \S+ \S+/\S+ "
    r"[-\d]+/[-\d]+/[-\d]+/[-\d]+/\+?(?P<took>-?\d+) (?P<status>-?\d+) \+?\d+ \S+ \S+ \S{4} \S+ \S+ "
    rf"(?P<captured>(?:\{{[^}}]*\}} )*)(?P<request>{_QUOTED})"
)
ALB_KINDS: Final = ("http", "https", "h2", "grpcs", "ws", "wss")
# The fields of CloudFront's standard log (version 1), in its order.
_CLOUDFRONT: Final = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id"),
    *("x-host-header", "cs-protocol", "cs-bytes", "time-taken"),
)


@lru_cache(maxsize=1 << 14)
def address(text: str) -> str | None:
    """Return the IP address in a text, which may have a port or brackets; None if there is none."""
    for candidate in (text, text.strip("[]"), text.rpartition(":")[0].strip("[]")):
        try:
            return intern(str(ipaddress.ip_address(candidate)))
        except ValueError:
            continue
    return None


def _bare(line: str) -> str:
    """Return a line without what others have put before it."""
    match = _PREFIXES.match(line)
    return line[match.end() :] if match else line


def _combined(line: str) -> Request | None:
    found = _classic(line)
    return found[0] if found else None


def _traefik(line: str) -> Request | None:
    found = _classic(line)
    took = _TRAEFIK.match(found[1]) if found else None
    if not found or not took:
        return None
    request = found[0]
    seconds = int(took[1]) / 1000
    # Traefik writes when the request began.
    return Request(
        request.client, request.agent, request.method, request.path, request.status, request.end + seconds, seconds
    )


def _classic(line: str) -> tuple[Request, str] | None:
    """Return a request, and what follows its user agent."""
    return _read_classic(line) or _read_classic(_bare(line))


def _read_classic(line: str) -> tuple[Request, str] | None:
    match = _COMBINED.match(line)
    client = _client(match["head"].split()) if match else None
    end = _apache_time(match["time"]) if match else None
    if match is None or client is None or end is None:
        return None
    method, path = request_line(match["request"][1:-1])
    # Behind a proxy, nginx's usual `main` format ends with whom the proxy spoke for. Other things are quoted there too.
    forwarded = _FORWARDED.match(match["rest"])
    spoken_for = address(forwarded[1].split(",")[0].strip()) if forwarded else None
    agent = intern((match["agent"] or '""')[1:-1])
    return Request(spoken_for or client, agent, method, path, int(match["status"]), end + 0.5, None), match["rest"]


def _client(words: Sequence[str]) -> str | None:
    """Return who asked, of what stands before the time: perhaps a virtual host, the client, and two names or more.

    Two addresses are nobody: one of them is a proxy's, and nothing says which. With a port, the first is a host's.
    """
    first, second = ([address(word) for word in words[:2]] + [None, None])[:2]
    if first and second:
        client, place = (second, 1) if first != words[0] else (None, 0)
    else:
        client, place = (first, 0) if first else (second, 1)
    return client if len(words) >= place + 3 else None


def _haproxy(line: str) -> Request | None:
    match = _HAPROXY.match(line) or _HAPROXY.match(_bare(line))
    if not match:
        return None
    client = address(match["client"])
    if client is None:
        return None
    start = datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S.%f").replace(tzinfo=UTC).timestamp()
    method, path = request_line(match["request"][1:-1])
    captured = re.split(r"[{}|]", match["captured"])
    agent = next((text for text in captured if "/" in text), "")
    seconds = max(0, int(match["took"])) / 1000
    return Request(client, intern(agent), method, path, max(0, int(match["status"])), start + seconds, seconds)


def balancer(line: str) -> Request | None:
    """Read a line of an application load balancer."""
    return _plain_alb(line) or _any_alb(line)


def _plain_alb(line: str) -> Request | None:
    """Read a line as nearly all are, without an escaped quote; None says nothing about one that is not.

    This takes a third of the time; what ``balancer_lines`` reads by the block is read so.
    """
    quoted = line.split('"', 11)
    if len(quoted) != 12 or "\\" in line:
        return None
    try:
        kind, ended, _, client, _, _, _, _, status, *others = quoted[0].split(" ")
        _, _, began, _ = quoted[10].split(" ")
        end, start = (_minute(text[:17], text[-1]) + float(text[17:-1]) for text in (ended, began))
    except ValueError:
        return None
    who = address(client.rpartition(":")[0])
    if who is None or kind not in ALB_KINDS or len(others) != 4:
        return None
    method, path = request_line(quoted[1])
    number = int(status) if status.isdecimal() else 0
    return Request(who, intern(quoted[3]), method, path, number, end, max(0.0, end - start))


@lru_cache(maxsize=1 << 12)
def _minute(text: str, zone: str) -> float:
    """Return the moment in ``2026-11-23T17:00:`` and ``Z``; raise ValueError for what is written in another way."""
    return datetime.fromisoformat(f"{text}00{zone}").timestamp()


def _any_alb(line: str) -> Request | None:
    try:
        fields = next(csv.reader([line], delimiter=" ", escapechar="\\"))
        kind, time, client, status, request, agent = (fields[place] for place in (0, 1, 3, 8, 12, 13))
        end, start = (datetime.fromisoformat(text).timestamp() for text in (time, fields[21]))
    except (ValueError, IndexError, csv.Error):
        return None
    who = address(client)
    if kind not in ALB_KINDS or who is None:
        return None
    method, path = request_line(request)
    number = int(status) if status.isdecimal() else 0
    return Request(who, intern(agent), method, path, number, end, max(0.0, end - start))


def _cloudfront(line: str) -> Request | None:
    values = line.split("\t")
    if len(values) < len(_CLOUDFRONT):
        return None
    return _of_cloudfront(dict(zip(_CLOUDFRONT, values, strict=False)))


def _cloudfront_json(line: str) -> Request | None:
    return _of_cloudfront(_object(line))


def _of_cloudfront(fields: Mapping[str, Any]) -> Request | None:
    try:
        date, time, client = (str(fields[name]) for name in ("date", "time", "c-ip"))
        end = datetime.fromisoformat(f"{date}T{time}+00:00").timestamp() + 0.5
        seconds, status = float(fields["time-taken"]), str(fields["sc-status"])
        method, path = str(fields["cs-method"]), _path(str(fields["cs-uri-stem"]))
        agent = unquote(unquote(str(fields.get("cs(User-Agent)", ""))))
    except (KeyError, ValueError):
        return None
    who = address(client)
    if who is None:
        return None
    return Request(
        who, intern(agent), intern(method), intern(path), int(status) if status.isdecimal() else 0, end, seconds
    )


def _ours(line: str) -> Request | None:
    match _object(line):
        case {
            "time": str(time),
            "client": str(client),
            "method": str(method),
            "uri": str(uri),
            "status": int(status),
            "seconds": int() | float() as seconds,
            **others,
        }:
            try:
                path, end = _path(uri), datetime.fromisoformat(time).timestamp() + 0.5
            except ValueError:
                return None
            agent, cache = intern(str(others.get("agent", ""))), intern(str(others.get("cache", "")))
            if who := address(client):
                return Request(who, agent, intern(method), intern(path), status, end, float(seconds), cache)
    return None


def _caddy(line: str) -> Request | None:
    match _object(line):
        case {
            "ts": int() | float() as end,
            "request": {"method": str(method), "uri": str(uri), **request},
            "duration": int() | float() as seconds,
            "status": int(status),
        }:
            who = address(str(request.get("client_ip") or request.get("remote_ip") or request.get("remote_addr", "")))
            headers = request.get("headers")
            agents = headers.get("User-Agent") if isinstance(headers, dict) else None
            agent = str(agents[0]) if isinstance(agents, list) and agents else ""
            method, path = request_line(f"{method} {uri} HTTP")
            if who:
                return Request(who, intern(agent), method, path, status, float(end), float(seconds))
    return None


def _traefik_json(line: str) -> Request | None:
    match _object(line):
        case {
            "StartUTC": str(start),
            "ClientHost": str(client),
            "Duration": int(nanoseconds),
            "RequestMethod": str(method),
            "RequestPath": str(uri),
            "DownstreamStatus": int(status),
            **others,
        }:
            try:
                begun = datetime.fromisoformat(start).timestamp()
            except ValueError:
                return None
            seconds, who = nanoseconds / 1e9, address(client)
            method, path = request_line(f"{method} {uri} HTTP")
            if who:
                agent = intern(str(others.get("request_User-Agent", "")))
                return Request(who, agent, method, path, status, begun + seconds, seconds)
    return None


def _object(line: str) -> dict[str, Any]:
    """Return the JSON object in a line, which may stand behind something; an empty one if there is none."""
    start = line.find("{")
    if start < 0 or not line.endswith("}"):
        return {}
    try:
        found = read_json(line[start:])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=1 << 14)
def request_line(text: str) -> tuple[str, str]:
    """Return method and path; both empty for what is no HTTP request, such as a port scan."""
    words = text.split(" ")
    try:
        return (intern(words[0]), intern(_path(words[1]))) if len(words) == 3 else ("", "")
    except ValueError:
        return "", ""


def _path(target: str) -> str:
    """Return the path of a request's target, or of its address. Raise ``ValueError`` where it is neither.

    As nginx reads it, several slashes are one: what begins with two is a path, and no host of another scheme's
    (findings/urlsplit-takes-a-logged-path-for-a-host.sh).
    """
    path = target.partition("?")[0].partition("#")[0] if target.startswith("/") else urlsplit(target).path
    return re.sub(r"/{2,}", "/", path) if "//" in path else path


@lru_cache(maxsize=4096)
def _apache_time(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()
    except ValueError:
        return None


# In this order: what is of two of them is of the first.
FORMATS: Final[Iterable[Format]] = (
    Format("Traefik", _traefik, 1.0),
    Format("nginx or Apache", _combined, 1.0, has_durations=False),
    Format("Floodgate's nginx (JSON)", _ours, 1.0),
    Format("AWS application load balancer", balancer, 0.0),
    Format("CloudFront", _cloudfront, 1.0),
    Format("CloudFront (JSON)", _cloudfront_json, 1.0),
    Format("HAProxy", _haproxy, 0.0),
    Format("Caddy (JSON)", _caddy, 0.0),
    Format("Traefik (JSON)", _traefik_json, 0.0),
)
