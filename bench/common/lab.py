"""The laboratory: the engine, two cores, one network; all that it makes carries its label and is removed at the end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from containers import clearing
from containers.engine import CALL_TIMEOUT, Engine
from containers.errors import EngineError

CHECKOUT = Path(__file__).parents[2]


class Failed(Exception):
    """Something that the benchmark stands on did not work; the message says what."""


@dataclass(frozen=True)
class Cores:
    """The site's core, and the core of the load and the database."""

    site: int
    load: int


def choose(available: Sequence[int], siblings: Mapping[int, frozenset[int]]) -> Cores:
    """Choose two cores that are not threads of one, where there are such. Raise Failed with fewer than two.

    ``siblings`` names, for each processor, the threads of its core.
    """
    if len(available) < 2:
        raise Failed(
            f"the benchmark needs two processors, one for the site and one for the load; this process may use "
            f"{len(available)}: run it where there are more (taskset, cpuset)"
        )
    first, *others = sorted(available)
    apart = [each for each in others if each not in siblings.get(first, frozenset())]
    return Cores(first, (apart or others)[0])


def find_cores() -> Cores:
    """Find two cores of this machine."""
    siblings = {}
    for number in os.sched_getaffinity(0):
        file = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        if file.exists():
            siblings[number] = _numbers(file.read_text())
    return choose(sorted(os.sched_getaffinity(0)), siblings)


def _numbers(text: str) -> frozenset[int]:
    """Read a kernel's list such as ``0,4-6``."""
    found: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


class Lab:
    """Containers on one network, by short names that no other checkout shares."""

    def __init__(self, engine: Engine, cores: Cores, purpose: str = "bench") -> None:
        self._engine = engine
        self.cores = cores
        self.prefix = f"fg{purpose}-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]}"
        self._label = f"floodgate.{purpose}={CHECKOUT}"

    def __call__(self, *args: str, timeout: float = CALL_TIMEOUT) -> str:
        """Call the engine once; raise Failed with the engine's own reason."""
        try:
            done = self._engine.run(*args, timeout=timeout)
        except EngineError as error:
            raise Failed(error.message) from None
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            reason = "\n".join(lines[-12:]) or f"exit code {done.returncode}"
            raise Failed(f"{self._engine.docker[0]} {args[0]} failed:\n{reason}")
        return done.stdout

    def name(self, short: str) -> str:
        """Return the engine's name for something of this laboratory."""
        return f"{self.prefix}-{short}"

    def build(self, short: str, dockerfile: Path, context: Path, **arguments: str) -> None:
        """Build an image; layers of earlier runs are used again."""
        options = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        label = ("--label", self._label)
        try:
            self._engine.build(self.name(short), "--file", str(dockerfile), *label, *options, str(context))
        except EngineError as error:
            raise Failed(f"{error.message}\n{error.log_tail}") from None

    def size(self, short: str) -> float:
        """Return an image's size in MB (10⁶ bytes), as the engine says it."""
        return int(self("image", "inspect", "--format", "{{.Size}}", self.name(short))) / 1e6

    def make(self, kind: str, short: str) -> None:
        """Make a network or a volume."""
        self(kind, "create", "--label", self._label, self.name(short))

    def start(self, short: str, image: str, *options: str, core: int | None, command: Sequence[str] = ()) -> None:
        """Start a container in the background, on one core (None: on any)."""
        pinned = ["--cpuset-cpus", str(core)] if core is not None else []
        fixed = ["--detach", "--label", self._label, "--name", self.name(short), "--log-opt", "max-size=10m"]
        self("run", *fixed, *pinned, *options, self.name(image), *command)

    def exec(self, short: str, *command: str, timeout: float = CALL_TIMEOUT) -> str:
        """Run a command inside a container to its end."""
        return self("exec", self.name(short), *command, timeout=timeout)

    def pids(self, shorts: Sequence[str]) -> dict[str, int]:
        """Return the first process of each container."""
        found = json.loads(self("container", "inspect", *map(self.name, shorts)))
        return {short: int(each["State"]["Pid"]) for short, each in zip(shorts, found, strict=True)}

    def exists(self, short: str) -> bool:
        """Return whether there is such a container, running or not."""
        return bool(self("ps", "--all", "--quiet", "--filter", f"name=^{self.name(short)}$"))

    def remove(self, *shorts: str) -> None:
        """Remove containers with their anonymous volumes."""
        if shorts:
            self("container", "rm", "--force", "--volumes", *map(self.name, shorts))

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Clear away what an earlier run left, and what this one made; a second Ctrl-C does not stop that."""
        self.clear()
        try:
            yield
        finally:
            handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
            try:
                self.clear()
            finally:
                for number, handler in handlers.items():
                    signal.signal(number, handler)

    def clear(self) -> None:
        """Remove all that this or an interrupted run has made; the engine's build cache stays."""
        try:
            clearing.clear(self._engine, self._label, images=True)
        except EngineError as error:
            raise Failed(error.message) from None
