"""wrk's command line, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

# Seconds until wrk counts a time-out: the patience of people.
TIMEOUT = 5


class Unreadable(Exception):
    """wrk said something else than its report."""


@dataclass(frozen=True)
class Load:
    """What to ask for: one thread, so many connections, for so many seconds."""

    port: int
    path: str
    host: str
    connections: int
    seconds: float
    gzip: bool = False
    keep_alive: bool = True
    headers: Mapping[str, str] | None = None
    scheme: str = "http"
    script: str = "report"
    arguments: tuple[str, ...] = ()

    def command(self) -> list[str]:
        """Return the command line. wrk knows whole seconds only."""
        headers = {"Host": self.host, **(self.headers or {})}
        if self.gzip:
            headers["Accept-Encoding"] = "gzip"
        if not self.keep_alive:
            headers["Connection"] = "close"
        return [
            "wrk",
            *("--threads", "1", "--connections", str(self.connections), "--duration", f"{self.seconds:.0f}s"),
            *("--timeout", f"{TIMEOUT}s", "--script", f"/bench/{self.script}.lua"),
            *(word for name, value in headers.items() for word in ("--header", f"{name}: {value}")),
            f"{self.scheme}://127.0.0.1:{self.port}{self.path}",
            *(("--", *self.arguments) if self.arguments else ()),
        ]


@dataclass(frozen=True)
class Answers:
    """What came back. Percentiles in milliseconds; ``seconds`` is how long wrk really asked."""

    answers: int
    seconds: float
    bytes: int
    p50: float
    p95: float
    p99: float
    connect: int
    read: int
    write: int
    status: int
    timeout: int

    @property
    def good(self) -> int:
        """Whole answers with a status below 400 that came in time."""
        # One that came later is an answer to wrk and a time-out (findings/wrk-latencies-are-not-of-the-answers.sh).
        return max(0, self.answers - self.status - self.timeout)

    @property
    def errors(self) -> int:
        """Everything that a person would not have called an answer."""
        return self.connect + self.read + self.write + self.status + self.timeout


def parse(output: str) -> Answers:
    """Parse the report in wrk's output."""
    for line in output.splitlines():
        if line.startswith("{"):
            return Answers(**json.loads(line))
    tail = output.strip().splitlines()[-1:] or ["nothing"]
    raise Unreadable(f"wrk gave no report; its last line: {tail[0]}")
