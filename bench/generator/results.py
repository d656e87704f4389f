"""What one run of the benchmark measured: plain rows."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from bench.common.stored import Stored

CLIENTS = ("person", "fast", "http", "wrk")
MODES = ("kept", "new", "tls")
# New TLS as a browser has it, with the session resumed; the mode ``tls`` shakes hands in full each time.
RESUMED = "resumed"


@dataclass(frozen=True)
class Rate:
    """Users without pauses, one after the other's answer.

    Good answers in ``seconds``, for ``cpu`` seconds of the client's process.
    """

    client: str
    mode: str
    round: int
    answers: int
    seconds: float
    cpu: float
    failures: int

    @property
    def per_core(self) -> float:
        """Answers for each CPU second: what a whole core does in a second."""
        return self.answers / self.cpu if self.cpu else 0.0

    @property
    def busy(self) -> float:
        """The client's share of its core; well below 1, something else limits the rate."""
        return self.cpu / self.seconds


@dataclass(frozen=True)
class Rest:
    """Users at rest over HTTPS, per user.

    CPU milliseconds to make one, CPU milliseconds of its first page (with the TLS handshake), KiB of memory once it has
    the page, its connection open.
    """

    client: str
    users: int
    made: float
    loaded: float
    memory: float


# What a person stands on, each with all before it: the differences are the parts.
LAYERS = ("connection", "browser", "person")


@dataclass(frozen=True)
class Layer:
    """Requests of a person, or of a part of one: answers for ``cpu`` seconds, and those of the kernel among them."""

    client: str
    mode: str
    round: int
    answers: int
    cpu: float
    kernel: float


@dataclass(frozen=True)
class Weight:
    """Memory over HTTPS in KiB: of a connection alone, of a person who waits for the first page, of one who has it."""

    connection: float
    waiting: float
    whole: float


@dataclass(frozen=True)
class Crowd:
    """A whole storm at the default behaviour.

    Each worker's share of a core by second; schedule lag in ms (99th percentile of all, and of the worst phase); how
    late answers and handshakes were read (99th percentile, ms), and how long people waited at the opening (95th, ms);
    pages that were seen, requests.
    """

    people: int
    workers: int
    cpu: list[list[float]]
    lag: float
    worst_lag: float
    read_lag: float
    wait: float
    pages: int
    requests: int
    faults: list[str]

    def busiest(self, window: int = 10) -> float:
        """Return the mean share of a core, over all workers, in the busiest so many seconds."""
        length = min(map(len, self.cpu), default=0)
        means = [sum(worker[second] for worker in self.cpu) / self.workers for second in range(length)]
        if length < window:
            return sum(means) / length if length else 1.0
        return max(sum(means[start : start + window]) / window for start in range(length - window + 1))


class Record(Stored):
    """A whole run."""

    rates: list[Rate] = Field(default_factory=list)
    rests: list[Rest] = Field(default_factory=list)
    crowds: list[Crowd] = Field(default_factory=list)
    layers: list[Layer] = Field(default_factory=list)
    weights: list[Weight] = Field(default_factory=list)

    def rounds(self, client: str, mode: str) -> list[Rate]:
        """Return the measurements of one cell of the table, by round."""
        found = [rate for rate in self.rates if (rate.client, rate.mode) == (client, mode)]
        return sorted(found, key=lambda rate: rate.round)

    def layer(self, client: str, mode: str) -> Layer | None:
        """Return the round of a layer with the least CPU time for a request; None where none was measured.

        What disturbs only adds, and a median's would drown the difference of two layers.
        """
        found = [layer for layer in self.layers if (layer.client, layer.mode) == (client, mode)]
        return min(found, key=lambda layer: layer.cpu / layer.answers, default=None)
